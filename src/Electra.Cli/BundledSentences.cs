using System.Text;
using Electra.Corpus;
using Electra.Randomness;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>Sentences of the bundled text at their natural lengths: what benchmarks of inference and fine-tuning read.</summary>
static class BundledSentences
{
    /// <summary>Drawn without repetition by seed 0.</summary>
    /// <param name="count">How many.</param>
    /// <param name="accepts">Those that count; null takes all.</param>
    /// <exception cref="ArgumentException">There are not so many.</exception>
    public static IReadOnlyList<string> Read(int count, Func<string, bool>? accepts = null)
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
        var order = new KeyedPermutation(sentences.Count, seed: 0, place: 0);
        var drawn = Enumerable.Range(0, sentences.Count).Select(i => sentences[(int)order[i]]).Where(sentence => accepts?.Invoke(sentence) ?? true).Take(count).ToList();
        return drawn.Count == count ? drawn : throw new ArgumentException($"--sentences {count:N0}: the bundled text has {drawn.Count:N0} of a length that counts.");
    }
}
