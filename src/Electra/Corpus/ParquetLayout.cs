using System.Buffers.Binary;
using System.Text;

namespace Electra.Corpus;

/// <summary>
/// What a Parquet file says of itself, held against its length before anything of it is unpacked: a damaged file is an error at once, and
/// neither a loop without end nor a claim of more memory than its bytes can fill (format: apache/parquet-format, parquet.thrift).
/// </summary>
sealed class ParquetLayout
{
    const int MagicBytes = 4, TailBytes = 8, MaxFooterBytes = 16 << 20, MaxSchemaDepth = 64;

    /// <summary>Values that a column may hold beyond a thousand a byte: one value repeated takes next to nothing.</summary>
    const long FreeValues = 1 << 20, ValuesPerByte = 1000;

    /// <summary>Unpacked bytes of a page beyond those that the widest code but Zstandard's gives.</summary>
    const long FreePageBytes = 256 << 20, MaxRatio = 1100;

    /// <summary>parquet-mr before 1.2.9 left the header of the dictionary out of a column's bytes (PARQUET-816); no such header is longer.</summary>
    const int UncountedBytes = 100;

    const int PageHeaderBytes = 64 << 10, Snappy = 1, Uncompressed = 0;
    const int DataPage = 0, DictionaryPage = 2, DataPageVersion2 = 3;

    readonly Stream _file;
    readonly long _dataEnd;
    readonly IReadOnlyList<ThriftStruct> _groups;

    ParquetLayout(Stream file, long dataEnd, IReadOnlyList<ThriftStruct> groups) => (_file, _dataEnd, _groups) = (file, dataEnd, groups);

    /// <summary>Reads and checks the footer.</summary>
    /// <param name="file">Can seek; read from its beginning.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static ParquetLayout Read(Stream file)
    {
        var length = file.Length;
        if (length < MagicBytes + TailBytes) throw new InvalidDataException($"{length:N0} bytes are too few");
        var (head, tail) = (Bytes(file, 0, MagicBytes), Bytes(file, length - TailBytes, TailBytes));
        if (!head.AsSpan().SequenceEqual("PAR1"u8) || !tail.AsSpan(MagicBytes).SequenceEqual(head))
            throw new InvalidDataException("PAR1 does not stand at both its ends: cut off, encrypted or another kind of file");

        var footerBytes = BinaryPrimitives.ReadInt32LittleEndian(tail);
        if (footerBytes <= 0 || footerBytes > length - MagicBytes - TailBytes || footerBytes > MaxFooterBytes)
            throw new InvalidDataException($"its footer claims {footerBytes:N0} bytes of {length:N0}; at most {MaxFooterBytes:N0} are read");
        var dataEnd = length - TailBytes - footerBytes;
        var footer = ThriftStruct.Read(Bytes(file, dataEnd, footerBytes), ParquetTypes.Footer, out var read);
        if (read != footerBytes) throw new InvalidDataException($"its footer has {footerBytes:N0} bytes, of which {read:N0} are described");
        if (footer.Has(8)) throw new InvalidDataException("it is encrypted");
        CheckSchema(footer.List<ThriftStruct>(2));
        var groups = footer.List<ThriftStruct>(4);
        if (groups.Any(group => group.List<ThriftStruct>(1).Any(chunk => chunk.Has(8)))) throw new InvalidDataException("a column of it is encrypted");
        file.Position = 0;
        return new ParquetLayout(file, dataEnd, groups);
    }

    /// <summary>Checks the pages of a column in one row group.</summary>
    /// <param name="group">The row group.</param>
    /// <param name="name">The column's name in the schema.</param>
    /// <param name="isList">Whether a row may have any number of values.</param>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    public void CheckColumn(int group, string name, bool isList)
    {
        var numRows = _groups[group].Number(3) ?? -1;
        foreach (var chunk in _groups[group].List<ThriftStruct>(1))
        {
            if (chunk.Struct(3) is not { } column) throw new InvalidDataException("a column is not described");
            if (column.List<byte[]>(3) is not [var first, ..] || Encoding.UTF8.GetString(first) != name) continue;
            if (chunk.Has(1)) throw new InvalidDataException($"the column '{name}' lies in another file");
            CheckPages(column, name, numRows, isList);
        }
    }

    void CheckPages(ThriftStruct column, string name, long numRows, bool isList)
    {
        long bytes = column.Number(7) ?? -1, numValues = column.Number(5) ?? -1, data = column.Number(9) ?? -1, dictionary = column.Number(11) ?? 0;
        var start = dictionary > 0 ? Math.Min(data, dictionary) : data;
        if (start < MagicBytes || bytes < 0 || bytes > _dataEnd - start) throw Damaged(name, $"lies at {start:N0} with {bytes:N0} bytes, the file has {_dataEnd:N0}");
        if (numRows < 0 || (isList ? numValues < numRows : numValues != numRows)) throw Damaged(name, $"claims {numValues:N0} values in {numRows:N0} rows");
        if (numValues > FreeValues + ValuesPerByte * bytes) throw Damaged(name, $"claims {numValues:N0} values in {bytes:N0} bytes; more smaller row groups may help");

        long counted = 0, codec = column.Number(4) ?? -1;
        for (long place = start, end = Math.Min(start + bytes + UncountedBytes, _dataEnd); place < end && counted < numValues;)
        {
            var page = ThriftStruct.Read(Bytes(_file, place, (int)Math.Min(PageHeaderBytes, end - place)), ParquetTypes.Page, out var header);
            long packed = page.Number(3) ?? -1, unpacked = page.Number(2) ?? -1;
            place += header;
            if (packed < 0 || packed > end - place) throw Damaged(name, $"has a page of {packed:N0} bytes where {end - place:N0} are left");
            if (unpacked < 0 || unpacked > FreePageBytes + MaxRatio * packed) throw Damaged(name, $"has a page of {unpacked:N0} bytes in {packed:N0}");
            counted += NumValues(page, unpacked, name);
            CheckPacking(page, codec, place, packed, unpacked, name);
            place += packed;
        }
        if (counted != numValues) throw Damaged(name, $"claims {numValues:N0} values, its pages {counted:N0}");
        _file.Position = 0;
    }

    /// <summary>Values of a data page; the entries of a dictionary do not count as the column's.</summary>
    static long NumValues(ThriftStruct page, long unpacked, string name)
    {
        switch (page.Number(1))
        {
            case DataPage when page.Struct(5)?.Number(1) is >= 0 and var count: return count;
            case DataPageVersion2 when page.Struct(8)?.Number(1) is >= 0 and var count: return count;
            case DictionaryPage when page.Struct(7)?.Number(1) is >= 0 and var count && count <= unpacked: return 0; // an entry takes a byte at least
            default: throw Damaged(name, "has a page of a kind that is not known, or without values");
        }
    }

    /// <summary>What is not packed is as long as it says, and so is what Snappy says of itself, which its unpacking trusts.</summary>
    void CheckPacking(ThriftStruct page, long codec, long place, long packed, long unpacked, string name)
    {
        long levels = 0;
        if (page.Number(1) == DataPageVersion2)
        {
            levels = (page.Struct(8)!.Number(5) ?? -1) + (page.Struct(8)!.Number(6) ?? -1);
            if (levels < 0 || levels > Math.Min(packed, unpacked)) throw Damaged(name, $"has a page with {levels:N0} bytes of levels");
            if (page.Struct(8)!.Number(7) == 0) codec = Uncompressed;
        }
        var length = codec switch
        {
            Uncompressed => packed,
            Snappy when packed > levels => levels + Length(Bytes(_file, place + levels, (int)Math.Min(5, packed - levels))),
            _ => unpacked,
        };
        if (length != unpacked) throw Damaged(name, $"has a page of {length:N0} bytes that claims {unpacked:N0}");
    }

    /// <summary>The number that Snappy's packed bytes begin with.</summary>
    static long Length(byte[] bytes)
    {
        long length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            length |= (long)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80) return length;
        }
        return -1;
    }

    /// <summary>A schema is a tree in which each element says how many follow below it; a chain of them would overflow the reader's stack.</summary>
    static void CheckSchema(IReadOnlyList<ThriftStruct> schema)
    {
        var open = new Stack<long>([1]);
        foreach (var element in schema)
        {
            while (open.Count > 0 && open.Peek() == 0) open.Pop();
            if (open.Count is 0 or > MaxSchemaDepth) throw new InvalidDataException("its schema is damaged");
            open.Push(open.Pop() - 1);
            if (element.Number(5) is { } children) open.Push(children >= 0 && children <= schema.Count ? children : throw new InvalidDataException("its schema is damaged"));
        }
        if (schema.Count == 0 || open.Any(left => left > 0)) throw new InvalidDataException("its schema is damaged");
    }

    static byte[] Bytes(Stream file, long place, int count)
    {
        file.Position = place;
        var bytes = new byte[count];
        file.ReadExactly(bytes);
        return bytes;
    }

    static InvalidDataException Damaged(string name, string what) => new($"the column '{name}' {what}");
}
