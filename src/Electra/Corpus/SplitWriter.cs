using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Electra.Corpus;

/// <summary>Writes documents as blocks: training or validation part of a dataset.</summary>
sealed class SplitWriter : IDisposable
{
    readonly ChecksummedFile _tokens, _sentences, _blocks;
    readonly int _tokenBytes;
    long _numTokens, _numSentences, _numDocuments, _numUnknown, _numBlocks;
    int _tokensInBlock;
    bool _isStartPending;

    /// <param name="directory">Is created.</param>
    /// <param name="tokenBytes">Bytes of a token id: 2 or 4.</param>
    public SplitWriter(string directory, int tokenBytes)
    {
        _tokenBytes = tokenBytes;
        Directory.CreateDirectory(directory);
        _tokens = new ChecksummedFile(Path.Combine(directory, DatasetFormat.Tokens));
        _sentences = new ChecksummedFile(Path.Combine(directory, DatasetFormat.Sentences));
        _blocks = new ChecksummedFile(Path.Combine(directory, DatasetFormat.Blocks));
    }

    /// <summary>Tokens written.</summary>
    public long NumTokens => _numTokens;

    /// <summary>Appends a document or the next part of one. One that fits into a block is never divided.</summary>
    public void Append(TokenizedBatch batch, in DocumentPart part)
    {
        _isStartPending |= part.IsStart;
        _numUnknown += part.NumUnknown;
        var isWhole = part is { IsStart: true, IsEnd: true, NumTokens: <= DatasetFormat.MaxBlockTokens };
        if (isWhole && _tokensInBlock + part.NumTokens > DatasetFormat.MaxBlockTokens) EndBlock();

        var tokens = batch.TokensOf(part);
        foreach (var length in batch.SentencesOf(part))
        {
            if (_tokensInBlock + length > DatasetFormat.MaxBlockTokens) EndBlock();
            AppendSentence(tokens[..(length * _tokenBytes)], length);
            tokens = tokens[(length * _tokenBytes)..];
        }
    }

    /// <summary>Writes what is buffered to the disk.</summary>
    public SplitManifest Finish()
    {
        WriteBlockRecord(); // the end of the last block
        return new SplitManifest(_numDocuments, _numSentences, _numTokens, _numUnknown, _numBlocks, [_tokens.Finish(), _sentences.Finish(), _blocks.Finish()]);
    }

    void AppendSentence(ReadOnlySpan<byte> tokens, ushort length)
    {
        if (_tokensInBlock == 0)
        {
            WriteBlockRecord();
            _numBlocks++;
        }
        Span<byte> record = stackalloc byte[DatasetFormat.SentenceBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(record, (ushort)(length | (_isStartPending ? DatasetFormat.StartsDocumentBit : 0)));
        _sentences.Write(record);
        _tokens.Write(tokens);
        if (_isStartPending) _numDocuments++;
        _isStartPending = false;
        _numSentences++;
        _numTokens += length;
        _tokensInBlock += length;
    }

    void EndBlock() => _tokensInBlock = 0;

    void WriteBlockRecord()
    {
        Span<long> record = [_numTokens, _numSentences, _numDocuments];
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(record, record);
        _blocks.Write(MemoryMarshal.AsBytes(record));
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _sentences.Dispose();
        _blocks.Dispose();
    }
}
