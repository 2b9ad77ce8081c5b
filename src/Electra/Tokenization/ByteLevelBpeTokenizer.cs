using System.Buffers;
using System.IO.Hashing;
using System.Text;

namespace Electra.Tokenization;

/// <summary>GPT-2's and RoBERTa's tokenizer: split by GPT-2's rule, write bytes as characters, merge pairs in the order learnt. Knows no unknown text.</summary>
/// <remarks>Special tokens written in the text are text like any other.</remarks>
public sealed class ByteLevelBpeTokenizer : ITokenizer
{
    readonly EncoderPool<ByteLevelBpeEncoder> _encoders;
    readonly byte[]?[] _bytes;

    /// <param name="merges">Pairs of tokens, in the order in which they were learnt.</param>
    /// <exception cref="InvalidDataException">The vocabulary lacks a special token, one of the 256 bytes, or a part of a merge.</exception>
    public ByteLevelBpeTokenizer(
        Vocabulary vocabulary, IReadOnlyList<(string Left, string Right)> merges, ByteLevelBpeConfig? config = null, SpecialTokenNames? names = null)
    {
        (Vocabulary, Merges, Config, Names) = (vocabulary, merges, config ?? new(), names ?? SpecialTokenNames.Roberta);
        SpecialTokens = Names.FindIn(vocabulary);
        _bytes = [.. vocabulary.Tokens.Select(ByteAlphabet.BytesOf)];
        Identity = Hash();

        var byteIds = new int[256];
        for (var value = 0; value < 256; value++)
            byteIds[value] = vocabulary.IdOf(ByteAlphabet.CharacterOf((byte)value).ToString())
                ?? throw new InvalidDataException($"The vocabulary lacks '{ByteAlphabet.CharacterOf((byte)value)}', the token of byte {value}. Not byte-level BPE?");
        var table = new MergeTable(vocabulary, merges, byteIds);
        _encoders = new(() => new ByteLevelBpeEncoder(table, byteIds));
    }

    /// <summary>The setting that changes ids.</summary>
    public ByteLevelBpeConfig Config { get; }

    /// <summary>How the special tokens are written.</summary>
    public SpecialTokenNames Names { get; }

    /// <summary>The pairs of tokens that join, in the order in which they were learnt.</summary>
    public IReadOnlyList<(string Left, string Right)> Merges { get; }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public SpecialTokens SpecialTokens { get; }

    /// <inheritdoc/>
    public PairLayout PairLayout => PairLayout.Roberta;

    /// <inheritdoc/>
    public string Identity { get; }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<byte> text, TokenBuffer ids)
    {
        text = Utf8Text.Valid(text);
        if (Config.AddPrefixSpace && !text.IsEmpty && text[0] != ' ')
        {
            byte[] prefixed = [(byte)' ', .. text];
            text = prefixed;
        }
        var encoder = _encoders.Rent();
        encoder.Encode(text, ids);
        _encoders.Return(encoder);
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, TokenBuffer ids)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        Encode(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)), ids);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <inheritdoc/>
    /// <remarks>A token that holds a part of a character has the whole character's place. A token's spaces do not belong to its place.</remarks>
    public TokenizedText EncodeWithOffsets(string text)
    {
        var prefix = Config.AddPrefixSpace && text.Length > 0 && text[0] != ' ' ? 1 : 0;
        var bytes = Encoding.UTF8.GetBytes(prefix == 1 ? ' ' + text : text);
        var offsets = new Utf16Offsets(bytes);
        var (ids, places) = (new List<int>(), new List<(int, int)>());
        var pieces = new int[bytes.Length];
        var encoder = _encoders.Rent();
        for (var position = 0; position < bytes.Length;)
        {
            var part = bytes.AsSpan(position..Gpt2Splitter.End(bytes, position));
            foreach (var id in pieces.AsSpan(0, encoder.Merge(part, pieces)))
            {
                var (start, end) = (position, position + _bytes[id]!.Length); // merges only make tokens of bytes
                position = end;
                while (start < end && bytes[start] == ' ') start++;
                while (end > start && bytes[end - 1] == ' ') end--;
                while (start > 0 && start < bytes.Length && Utf8Text.Utf16Units(bytes[start]) == 0) start--;
                while (end < bytes.Length && Utf8Text.Utf16Units(bytes[end]) == 0) end++;
                ids.Add(id);
                places.Add((offsets.At(start) - prefix, offsets.At(end) - prefix));
            }
        }
        _encoders.Return(encoder);
        return new TokenizedText(ids, places);
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var text = new List<byte>();
        foreach (var id in ids)
            if (!SpecialTokens.IsStructural(id)) text.AddRange(_bytes[id] ?? Encoding.UTF8.GetBytes(Vocabulary[id]));
        return Encoding.UTF8.GetString([.. text]);
    }

    /// <inheritdoc/>
    public bool StartsWord(int id) => _bytes[id] is not [var first, ..] || char.IsWhiteSpace((char)first)
        || SpecialTokens.IsStructural(id) || id == SpecialTokens.Unknown;

    /// <inheritdoc/>
    public void Save(string directory) => ByteLevelBpeFiles.Save(this, directory);

    string Hash()
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes($"byte-level bpe {Config.AddPrefixSpace} {string.Join(' ', Names.All)}\n"));
        foreach (var token in Vocabulary.Tokens) hash.Append(Encoding.UTF8.GetBytes($"{token}\n"));
        foreach (var (left, right) in Merges) hash.Append(Encoding.UTF8.GetBytes($"{left} {right}\n"));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
