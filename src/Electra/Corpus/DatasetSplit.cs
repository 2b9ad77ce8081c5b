using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Electra.Corpus;

/// <summary>The training or validation part of a dataset: blocks of sentences, read where they lie. Safe for use by many threads.</summary>
public sealed class DatasetSplit : IDisposable
{
    readonly string _directory;
    readonly int _tokenBytes;
    readonly SafeFileHandle _tokens, _sentences;
    readonly long[] _blocks;

    DatasetSplit(string directory, SplitManifest counts, int tokenBytes, long[] blocks, SafeFileHandle tokens, SafeFileHandle sentences) =>
        (_directory, Counts, _tokenBytes, _blocks, _tokens, _sentences) = (directory, counts, tokenBytes, blocks, tokens, sentences);

    /// <summary>Numbers of documents, sentences, tokens and blocks.</summary>
    public SplitManifest Counts { get; }

    /// <summary>Number of tokens, without special ones.</summary>
    public long NumTokens => Counts.Tokens;

    /// <summary>Number of documents.</summary>
    public long NumDocuments => Counts.Documents;

    /// <summary>Number of sentences.</summary>
    public long NumSentences => Counts.Sentences;

    /// <summary>Number of blocks.</summary>
    public int NumBlocks => (int)Counts.Blocks;

    internal static DatasetSplit Open(string directory, SplitManifest counts, int tokenBytes)
    {
        CheckLength(DatasetFormat.Tokens, counts.Tokens * tokenBytes);
        CheckLength(DatasetFormat.Sentences, counts.Sentences * DatasetFormat.SentenceBytes);
        CheckLength(DatasetFormat.Blocks, (counts.Blocks + 1) * DatasetFormat.BlockBytes);

        var blocks = MemoryMarshal.Cast<byte, long>(File.ReadAllBytes(PathOf(DatasetFormat.Blocks))).ToArray();
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(blocks, blocks);
        for (var i = 3; i < blocks.Length; i++)
            if (blocks[i] < blocks[i - 3]) throw Damaged($"record {i / 3} lies before the one before it");
        if (blocks is not [0, 0, 0, ..] || blocks[^3] != counts.Tokens || blocks[^2] != counts.Sentences || blocks[^1] != counts.Documents)
            throw Damaged("its ends are not those of the manifest");
        return new DatasetSplit(directory, counts, tokenBytes, blocks, File.OpenHandle(PathOf(DatasetFormat.Tokens)), File.OpenHandle(PathOf(DatasetFormat.Sentences)));

        string PathOf(string name) => Path.Combine(directory, name);

        void CheckLength(string name, long expected)
        {
            var file = new FileInfo(PathOf(name));
            if (!file.Exists) throw new InvalidDataException($"{file.FullName}: missing; the dataset is not complete. Build it again.");
            if (file.Length != expected) throw new InvalidDataException($"{PathOf(name)}: {file.Length:N0} bytes, the manifest says {expected:N0}: truncated or damaged. Build the dataset again.");
        }

        InvalidDataException Damaged(string how) => new($"{PathOf(DatasetFormat.Blocks)}: damaged: {how}. Build the dataset again.");
    }

    /// <summary>Where the sentences and documents of a block lie.</summary>
    /// <exception cref="InvalidDataException">The file does not fit the block.</exception>
    public BlockLayout ReadLayout(int block)
    {
        var (first, next) = (_blocks[3 * block + 1], _blocks[3 * block + 4]);
        var bytes = ArrayPool<byte>.Shared.Rent((int)(next - first) * DatasetFormat.SentenceBytes);
        try
        {
            var records = bytes.AsSpan(0, (int)(next - first) * DatasetFormat.SentenceBytes);
            ReadExactly(_sentences, records, first * DatasetFormat.SentenceBytes, DatasetFormat.Sentences);
            var layout = new BlockLayout(MemoryMarshal.Cast<byte, ushort>(records), FirstDocument(block));
            if (layout.NumTokens != FirstToken(block + 1) - FirstToken(block))
                throw new InvalidDataException($"{Path.Combine(_directory, DatasetFormat.Sentences)}: damaged: the sentences of block {block} do not fit its tokens. Build the dataset again.");
            return layout;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Reads token ids from the place <paramref name="start"/> of a block on, as many as <paramref name="ids"/> takes.</summary>
    public void ReadTokens(int block, int start, Span<int> ids)
    {
        var count = ids.Length * _tokenBytes;
        // Two-byte ids are read into the second half of the target and widened from its front.
        var stored = MemoryMarshal.AsBytes(ids)[^count..];
        ReadExactly(_tokens, stored, (FirstToken(block) + start) * _tokenBytes, DatasetFormat.Tokens);
        if (_tokenBytes == sizeof(ushort))
        {
            var shorts = MemoryMarshal.Cast<byte, ushort>(stored);
            for (var i = 0; i < ids.Length; i++) ids[i] = BitConverter.IsLittleEndian ? shorts[i] : BinaryPrimitives.ReverseEndianness(shorts[i]);
        }
        else if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(ids, ids);
        }
    }

    long FirstToken(int block) => _blocks[3 * block];

    /// <summary>Documents that begin before the block.</summary>
    long FirstDocument(int block) => _blocks[3 * block + 2];

    void ReadExactly(SafeFileHandle file, Span<byte> target, long offset, string name)
    {
        for (var done = 0; done < target.Length;)
        {
            var count = RandomAccess.Read(file, target[done..], offset + done);
            if (count == 0) throw new InvalidDataException($"{Path.Combine(_directory, name)}: ends too early; it was changed after it was opened.");
            done += count;
        }
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _sentences.Dispose();
    }
}
