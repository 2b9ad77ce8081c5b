using System.Text;
using Electra.Files;

namespace Electra.FineTuning.Tasks;

/// <summary>Predicted tags in columns, as conlleval and <c>electra score tagging</c> read them.</summary>
public static class TagFile
{
    /// <summary>Writes a word a line with its gold tag, where it has one, and its predicted tag; an empty line between sentences.</summary>
    /// <param name="path">The file.</param>
    /// <param name="task">Its scheme is the file's.</param>
    /// <param name="examples">The sentences.</param>
    /// <param name="predictions">One a sentence.</param>
    public static void Write(string path, TaskDefinition task, IEnumerable<TaggedExample> examples, IEnumerable<TagPrediction> predictions)
    {
        var scheme = (task.Tagging ?? new TaskTagging()).Scheme;
        var text = new StringBuilder();
        foreach (var (example, prediction) in examples.Zip(predictions))
        {
            var gold = example.Tags is null ? null : TagSequence.Write([.. example.Tags], scheme);
            for (var word = 0; word < example.Words.Count; word++)
                text.Append($"{example.Words[word]}\t{(gold is null ? "" : $"{gold[word]}\t")}{prediction.Tags[word]}\n");
            text.Append('\n');
        }
        AtomicFile.WriteText(path, text.ToString());
    }
}
