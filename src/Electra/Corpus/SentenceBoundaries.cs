using System.Text.Json.Serialization;

namespace Electra.Corpus;

/// <summary>Where sentences end.</summary>
public enum SentenceBoundaries
{
    /// <summary>At line ends, and inside lines where the rules of <see cref="Tokenization.SentenceSplitter"/> see an end.</summary>
    [JsonStringEnumMemberName("split")] Split,
    /// <summary>At line ends only: each line is a sentence.</summary>
    [JsonStringEnumMemberName("line")] Line,
}
