using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Electra.Tokenization;

namespace Electra.Corpus;

/// <summary>The tokens of a <see cref="TextBatch"/> as they will lie on disk. Cleared and filled again by <see cref="Fill"/>.</summary>
sealed class TokenizedBatch
{
    readonly TokenBuffer _ids = new(1 << 18);
    readonly List<ushort> _sentences = [];
    readonly List<DocumentPart> _documents = [];
    byte[] _tokens = [];
    int _tokenBytes;

    /// <summary>Documents in order; the first may be the rest of one, the last may go on.</summary>
    public IReadOnlyList<DocumentPart> Documents => _documents;

    /// <summary>What was met while reading and tokenising.</summary>
    public ReadingReport Report { get; private set; } = new();

    /// <summary>Bytes of input files behind it, for progress.</summary>
    public long InputBytes { get; private set; }

    /// <summary>Sentence records of a part.</summary>
    public ReadOnlySpan<ushort> SentencesOf(in DocumentPart part) => CollectionsMarshal.AsSpan(_sentences).Slice(part.FirstSentence, part.NumSentences);

    /// <summary>Token ids of a part, as on disk.</summary>
    public ReadOnlySpan<byte> TokensOf(in DocumentPart part) => _tokens.AsSpan(part.FirstToken * _tokenBytes, part.NumTokens * _tokenBytes);

    /// <summary>Tokenises the text and releases it.</summary>
    public void Fill(TextBatch text, ITokenizer tokenizer, SentenceBoundaries boundaries, ulong seed)
    {
        _ids.Clear();
        _sentences.Clear();
        _documents.Clear();
        Report = text.Report ?? new ReadingReport();
        InputBytes = text.InputBytes;
        for (var first = 0; first < text.NumPieces;)
        {
            var next = first + 1;
            while (next < text.NumPieces && !text.StartsDocument(next)) next++;
            AddDocument(text, first, next, tokenizer, boundaries, seed);
            first = next;
        }
        StoreTokens(DatasetFormat.TokenBytes(tokenizer.Vocabulary.Count));
        text.Dispose();
    }

    void AddDocument(TextBatch text, int first, int next, ITokenizer tokenizer, SentenceBoundaries boundaries, ulong seed)
    {
        var (firstSentence, firstToken) = (_sentences.Count, _ids.Count);
        var isStart = text.StartsDocument(first);
        for (var piece = first; piece < next; piece++)
        {
            var line = text.Text(piece);
            if (boundaries == SentenceBoundaries.Line) AddSentence(line, tokenizer);
            else
                while (!line.IsEmpty)
                {
                    var length = SentenceSplitter.FirstSentence(line);
                    AddSentence(line[..length], tokenizer);
                    line = line[length..];
                }
        }
        _documents.Add(new DocumentPart(
            isStart, IsEnd: next < text.NumPieces || !text.IsContinued,
            Hash: isStart ? XxHash3.HashToUInt64(text.DocumentText(first, next), (long)seed) : 0,
            firstSentence, _sentences.Count - firstSentence, firstToken, _ids.Count - firstToken,
            _ids.Ids[firstToken..].Count(tokenizer.SpecialTokens.Unknown)));
    }

    void AddSentence(ReadOnlySpan<byte> sentence, ITokenizer tokenizer)
    {
        var before = _ids.Count;
        tokenizer.Encode(sentence, _ids);
        var length = _ids.Count - before;
        if (length > DatasetFormat.MaxSentenceTokens) Report.DividedSentences++;
        for (; length > DatasetFormat.MaxSentenceTokens; length -= DatasetFormat.MaxSentenceTokens) _sentences.Add(DatasetFormat.MaxSentenceTokens);
        if (length > 0) _sentences.Add((ushort)length);
    }

    void StoreTokens(int tokenBytes)
    {
        _tokenBytes = tokenBytes;
        var ids = _ids.Ids;
        if (_tokens.Length < ids.Length * tokenBytes) _tokens = new byte[ids.Length * tokenBytes];
        if (tokenBytes == sizeof(ushort))
        {
            var shorts = MemoryMarshal.Cast<byte, ushort>(_tokens.AsSpan())[..ids.Length];
            for (var i = 0; i < shorts.Length; i++) shorts[i] = (ushort)ids[i];
            if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(shorts, shorts);
            return;
        }
        var ints = MemoryMarshal.Cast<byte, int>(_tokens.AsSpan())[..ids.Length];
        ids.CopyTo(ints);
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(ints, ints);
    }
}

/// <summary>A document, or as much of a long one as lies in a batch.</summary>
/// <param name="IsStart">The document begins here.</param>
/// <param name="IsEnd">The document ends here.</param>
/// <param name="Hash">Of the document's text and the seed, where it begins.</param>
/// <param name="FirstSentence">In the batch.</param>
/// <param name="NumSentences">With at least one token each.</param>
/// <param name="FirstToken">In the batch.</param>
/// <param name="NumTokens">Zero if there is nothing in the text that the tokenizer keeps.</param>
/// <param name="NumUnknown">Tokens among them that are the unknown one.</param>
readonly record struct DocumentPart(
    bool IsStart, bool IsEnd, ulong Hash, int FirstSentence, int NumSentences, int FirstToken, int NumTokens, int NumUnknown);
