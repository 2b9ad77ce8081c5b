using System.Buffers;
using System.IO.Hashing;
using System.Text;

namespace Electra.Tokenization;

/// <summary>BERT's tokenizer: clean, isolate ideographs, fold case and accents, split at punctuation, then greedy longest match.</summary>
/// <remarks>Special tokens written in the text are text like any other.</remarks>
public sealed class WordPieceTokenizer : ITokenizer
{
    const string Continuation = "##";

    readonly PieceTrie _pieces;
    readonly EncoderPool<WordPieceEncoder> _encoders;

    /// <exception cref="InvalidDataException">The vocabulary lacks a special token.</exception>
    /// <exception cref="ArgumentException">The greatest word length lies outside 1 to 10,000.</exception>
    public WordPieceTokenizer(Vocabulary vocabulary, WordPieceConfig? config = null, SpecialTokenNames? names = null)
    {
        Vocabulary = vocabulary;
        Config = config ?? new WordPieceConfig();
        Names = names ?? SpecialTokenNames.Bert;
        if (Config.MaxWordCharacters is < 1 or > 10_000)
            throw new ArgumentException($"max_input_chars_per_word is {Config.MaxWordCharacters}; it must lie in 1 to 10,000.");
        SpecialTokens = Names.FindIn(vocabulary);
        Identity = Hash();

        _pieces = new PieceTrie(vocabulary);
        var folding = new CharacterFolding(Config);
        _encoders = new(() => new WordPieceEncoder(_pieces, folding, Config, SpecialTokens.Unknown));
    }

    /// <summary>The settings that change ids.</summary>
    public WordPieceConfig Config { get; }

    /// <summary>How the special tokens are written.</summary>
    public SpecialTokenNames Names { get; }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public SpecialTokens SpecialTokens { get; }

    /// <inheritdoc/>
    public string Identity { get; }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<byte> text, TokenBuffer ids)
    {
        var encoder = _encoders.Rent();
        encoder.Encode(Utf8Text.Valid(text), ids);
        _encoders.Return(encoder);
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, TokenBuffer ids)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var encoder = _encoders.Rent();
        encoder.Encode(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)), ids);
        _encoders.Return(encoder);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <inheritdoc/>
    public TokenizedText EncodeWithOffsets(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var offsets = new Utf16Offsets(bytes);
        var (ids, places) = (new List<int>(), new List<(int, int)>());
        var (pieces, ends) = (new int[Config.MaxWordCharacters * 4 + 16], new int[Config.MaxWordCharacters * 4 + 16]);
        var encoder = _encoders.Rent();
        var reader = encoder.Reader;
        for (var position = 0; reader.Read(bytes, ref position);)
        {
            var count = reader.IsTooLong ? 0 : _pieces.Split(reader.Word, pieces, ends);
            if (count == 0)
            {
                ids.Add(SpecialTokens.Unknown);
                places.Add((offsets.At(reader.Source.Start), offsets.At(reader.Source.End)));
            }
            for (var piece = 0; piece < count; piece++)
            {
                ids.Add(pieces[piece]);
                places.Add((offsets.At(reader.SourceStart(piece == 0 ? 0 : ends[piece - 1])), offsets.At(reader.SourceEnd(ends[piece] - 1))));
            }
        }
        _encoders.Return(encoder);
        return new TokenizedText(ids, places);
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder();
        foreach (var id in ids)
        {
            if (SpecialTokens.IsStructural(id)) continue;
            if (StartsWord(id) && text.Length > 0) text.Append(' ');
            text.Append(Vocabulary[id].AsSpan(StartsWord(id) ? 0 : Continuation.Length));
        }
        return EnglishSpacing.Tidy(text.ToString());
    }

    /// <inheritdoc/>
    public bool StartsWord(int id) => !Vocabulary[id].StartsWith(Continuation, StringComparison.Ordinal) || Vocabulary[id].Length == Continuation.Length;

    /// <inheritdoc/>
    public void Save(string directory) => WordPieceFiles.Save(this, directory);

    string Hash()
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes(
            $"wordpiece {Config.LowerCase} {Config.StripsAccents} {Config.IsolateCjk} {Config.MaxWordCharacters} {string.Join(' ', Names.All)}\n"));
        foreach (var token in Vocabulary.Tokens) hash.Append(Encoding.UTF8.GetBytes($"{token}\n"));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
