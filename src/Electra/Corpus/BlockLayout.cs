namespace Electra.Corpus;

/// <summary>Where the sentences and documents of one block lie, in tokens from the block's start.</summary>
public sealed class BlockLayout
{
    readonly int[] _starts;
    readonly List<int> _documents = [];
    readonly long _firstDocument;

    /// <param name="sentences">A record for each sentence: its number of tokens, with the highest bit set if it starts a document.</param>
    /// <param name="numDocumentsBefore">Documents that begin before this block.</param>
    public BlockLayout(ReadOnlySpan<ushort> sentences, long numDocumentsBefore)
    {
        _starts = new int[sentences.Length + 1];
        for (var sentence = 0; sentence < sentences.Length; sentence++)
        {
            var startsDocument = (sentences[sentence] & DatasetFormat.StartsDocumentBit) != 0;
            if (startsDocument || sentence == 0) _documents.Add(sentence);
            // A block may begin in the middle of a document; that one has begun before.
            if (sentence == 0) _firstDocument = startsDocument ? numDocumentsBefore : numDocumentsBefore - 1;
            _starts[sentence + 1] = _starts[sentence] + (sentences[sentence] & ~DatasetFormat.StartsDocumentBit);
        }
    }

    /// <summary>Number of tokens.</summary>
    public int NumTokens => _starts[^1];

    /// <summary>Number of sentences.</summary>
    public int NumSentences => _starts.Length - 1;

    /// <summary>Number of documents, parts of longer ones included.</summary>
    public int NumDocuments => _documents.Count;

    /// <summary>First token of a sentence; the block's end for the sentence after the last.</summary>
    public int StartOf(int sentence) => _starts[sentence];

    /// <summary>Exclusive end of a sentence.</summary>
    public int EndOf(int sentence) => _starts[sentence + 1];

    /// <summary>Sentences of a document of this block, end exclusive.</summary>
    public (int First, int End) SentencesOf(int document) =>
        (_documents[document], document + 1 < _documents.Count ? _documents[document + 1] : NumSentences);

    /// <summary>First token of a document of this block.</summary>
    public int StartOfDocument(int document) => _starts[_documents[document]];

    /// <summary>Exclusive end of a document, or of its part in this block.</summary>
    public int EndOfDocument(int document) => _starts[SentencesOf(document).End];

    /// <summary>The document of this block in which a token lies.</summary>
    public int DocumentAt(int token)
    {
        var (low, high) = (0, NumDocuments - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (StartOfDocument(middle) <= token) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    /// <summary>The number of a document of this block in the whole split.</summary>
    public long NumberInSplit(int document) => _firstDocument + document;
}
