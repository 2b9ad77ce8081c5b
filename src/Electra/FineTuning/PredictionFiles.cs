using Electra.Files;
using Electra.FineTuning.Tasks;

namespace Electra.FineTuning;

/// <summary>
/// What a model says of a set, as files: <c>SET.jsonl</c>, and what the official scripts read: SQuAD's three files in a folder <c>SET/</c>, tags in
/// columns as <c>SET.conll</c>.
/// </summary>
static class PredictionFiles
{
    /// <summary>Writes the files of one set.</summary>
    /// <param name="directory">Created where it is missing.</param>
    /// <param name="set">The set.</param>
    /// <param name="predictions">In its order.</param>
    /// <param name="noAnswerThreshold">Question answering: null score above which there is no answer.</param>
    public static void Write(string directory, TaskSet set, IReadOnlyList<TaskPrediction> predictions, double? noAnswerThreshold)
    {
        var (dataset, task) = (set.Dataset, set.Dataset.Task);
        Directory.CreateDirectory(directory);
        var text = new PredictionText(dataset.Labels, noAnswerThreshold, digits: null);
        AtomicFile.WriteText(Path.Combine(directory, $"{set.Name}.jsonl"),
            string.Concat(dataset.Examples.Zip(predictions, (example, prediction) => text.Json(example, prediction) + "\n")));
        if (task.Kind == TaskKind.QuestionAnswering)
            SquadFiles.Write(Path.Combine(directory, set.Name), predictions.Cast<AnswerPrediction>(), noAnswerThreshold);
        if (task.Kind == TaskKind.Tagging)
            TagFile.Write(Path.Combine(directory, $"{set.Name}.conll"), task, dataset.Examples.Cast<TaggedExample>(), predictions.Cast<TagPrediction>());
    }
}
