namespace Electra.Corpus;

/// <summary>Names and limits of a tokenised dataset on disk; docs/file-formats.md describes it for other readers.</summary>
static class DatasetFormat
{
    public const string Name = "electra-dataset";
    public const int Version = 1;

    public const string Manifest = "manifest.json", Tokenizer = "tokenizer", Training = "training", Validation = "validation";
    public const string Tokens = "tokens.bin", Sentences = "sentences.bin", Blocks = "blocks.bin";

    /// <summary>Most tokens of a block: a run of consecutive documents that examples do not leave.</summary>
    public const int MaxBlockTokens = 1 << 16;

    /// <summary>A sentence is a little-endian uint16: the highest bit says that it starts a document, the others are its number of tokens.</summary>
    public const int SentenceBytes = 2;
    public const int StartsDocumentBit = 1 << 15;
    public const int MaxSentenceTokens = StartsDocumentBit - 1;

    /// <summary>Three little-endian int64 a block, and one block more as the end: tokens, sentences and documents that begin before it.</summary>
    public const int BlockBytes = 3 * sizeof(long);

    /// <summary>Bytes of a token id: two where the vocabulary allows, for half the disk and cache.</summary>
    public static int TokenBytes(int vocabularySize) => vocabularySize <= 1 << 16 ? 2 : 4;
}
