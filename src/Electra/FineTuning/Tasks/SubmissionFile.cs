using System.Globalization;
using System.IO.Compression;
using System.Text;
using Electra.Files;

namespace Electra.FineTuning.Tasks;

/// <summary>
/// Predictions as GLUE's server takes them (Wang et al. 2018): a TSV of index and prediction for each task, all of them in one zip. Labels
/// are those of the task's files, indices count a test set's rows from 0.
/// </summary>
public static class SubmissionFile
{
    /// <summary>The zip beside the files.</summary>
    public const string ZipName = "submission.zip";

    const string Header = "index\tprediction";

    /// <summary>Writes the file of one set, whose name the task gives, and packs it with those that other tasks have left there.</summary>
    /// <param name="directory">The folder of the submission, created where it is missing.</param>
    /// <param name="task">Its set names the file.</param>
    /// <param name="split">The set.</param>
    /// <param name="labels">Names of the classes.</param>
    /// <param name="predictions">One for every row of the set, whose ids are their numbers from 0.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="ArgumentException">The set has no submission file, or its task is of a kind that GLUE does not have.</exception>
    /// <exception cref="InvalidDataException">A row has no prediction.</exception>
    public static string Write(
        string directory, TaskDefinition task, string split, IReadOnlyList<string> labels, IReadOnlyList<TaskPrediction> predictions)
    {
        var name = task.Split(split).Submission ?? throw new ArgumentException(
            $"The set {split} of {task.Name} has no submission file; sets with one: {Listed(task)}.");
        for (var i = 0; i < predictions.Count; i++)
            if (predictions[i].Id != i.ToString(CultureInfo.InvariantCulture))
                throw new InvalidDataException($"{name}: row {i} of the set {split} has no prediction, and the server wants one for every row; mend the file.");

        var text = new StringBuilder($"{Header}\n");
        foreach (var prediction in predictions) text.Append($"{prediction.Id}\t{AnswerOf(prediction, labels)}\n");
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, name);
        AtomicFile.WriteText(path, text.ToString());
        Pack(directory);
        return path;
    }

    static string AnswerOf(TaskPrediction prediction, IReadOnlyList<string> labels) => prediction switch
    {
        ClassPrediction one => labels[one.Class],
        ValuePrediction number => number.Value.ToString("F3", CultureInfo.InvariantCulture),
        _ => throw new ArgumentException("GLUE's server takes classes and numbers only."),
    };

    /// <summary>Zips all TSV files of predictions, in ordinal order and without times, so that the same files give the same zip.</summary>
    static void Pack(string directory) => AtomicFile.Write(Path.Combine(directory, ZipName), file =>
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var path in Directory.EnumerateFiles(directory, "*.tsv").Where(path => File.ReadLines(path).FirstOrDefault() == Header).Order(StringComparer.Ordinal))
        {
            var entry = zip.CreateEntry(Path.GetFileName(path));
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var content = entry.Open();
            content.Write(File.ReadAllBytes(path));
        }
    });

    static string Listed(TaskDefinition task)
    {
        List<string> names = [.. task.Splits.Where(split => split.Value.Submission is not null).Select(split => split.Key)];
        return names.Count == 0 ? "none" : string.Join(", ", names);
    }
}
