using System.Text;
using Electra.Corpus;
using Electra.Randomness;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>Sentences of the bundled text at their natural lengths: what benchmarks of fine-tuned models read.</summary>
static class BundledSentences
{
    /// <summary>Drawn without repetition by seed 0.</summary>
    public static IReadOnlyList<string> Read(int count)
    {
        var sentences = new List<string>();
        foreach (var line in TextInput.ReadLines([BundledFiles.Corpus], new ReadingReport()))
        {
            var rest = line;
            while (rest.Length > 0)
            {
                var length = SentenceSplitter.FirstSentence(rest.Span);
                var sentence = Encoding.UTF8.GetString(rest.Span[..length]).Trim();
                if (sentence.Length > 0) sentences.Add(sentence);
                rest = rest[length..];
            }
        }
        if (count > sentences.Count) throw new ArgumentException($"--sentences {count:N0}: the bundled text has {sentences.Count:N0}.");
        var order = new KeyedPermutation(sentences.Count, seed: 0, place: 0);
        return [.. Enumerable.Range(0, count).Select(i => sentences[(int)order[i]])];
    }
}
