namespace Electra.Tokenization;

/// <summary>Text to token ids and back. Immutable and safe for use by many threads. WordPiece and byte-level BPE implement it.</summary>
public interface ITokenizer
{
    /// <summary>Tokens by id.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>The ids every encoder needs: start, separator, padding, mask, unknown.</summary>
    SpecialTokens SpecialTokens { get; }

    /// <summary>How one or two texts are framed for the encoder.</summary>
    PairLayout PairLayout => PairLayout.Bert;

    /// <summary>A hash of the vocabulary and of every setting that changes ids; equal identities give equal ids for equal text.</summary>
    string Identity { get; }

    /// <summary>Appends the ids of UTF-8 <paramref name="text"/>, without special tokens. Bad bytes count as U+FFFD.</summary>
    void Encode(ReadOnlySpan<byte> text, TokenBuffer ids);

    /// <summary>Appends the ids of <paramref name="text"/>, without special tokens.</summary>
    void Encode(ReadOnlySpan<char> text, TokenBuffer ids);

    /// <summary>Ids with the place of each in the original text, without special tokens.</summary>
    TokenizedText EncodeWithOffsets(string text);

    /// <summary>Readable text of <paramref name="ids"/>; special tokens are left out.</summary>
    string Decode(ReadOnlySpan<int> ids);

    /// <summary>True if the token begins a word; a whole word is such a token and the ones after it that do not.</summary>
    bool StartsWord(int id);

    /// <summary>Writes the files that Hugging Face reads into <paramref name="directory"/>, which is created.</summary>
    void Save(string directory);
}
