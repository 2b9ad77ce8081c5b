using static Electra.Corpus.ThriftType;

namespace Electra.Corpus;

/// <summary>
/// The structures of a Parquet file's footer and page headers (format: apache/parquet-format, parquet.thrift). The library that unpacks reads a field as
/// what it is declared to be, whatever kind the file says it is, and may never come to an end behind the first that differs.
/// </summary>
static class ParquetTypes
{
    static readonly ThriftType KeyValue = Sequence(Binary, Binary);

    static readonly ThriftType Statistics = Sequence(Binary, Binary, I64, I64, Binary, Binary, Truth, Truth);

    static readonly ThriftType SizeStatistics = Sequence(I64, ListOf(I64), ListOf(I64));

    static readonly ThriftType BoundingBox = Sequence(Enumerable.Repeat(F64, 8));

    static readonly ThriftType TimeUnit = Sequence(Empty, Empty, Empty);

    static readonly ThriftType Time = Sequence(Truth, TimeUnit);

    static readonly ThriftType LogicalType = Struct(new()
    {
        [1] = Empty, [2] = Empty, [3] = Empty, [4] = Empty,     // string, map, list, enumeration
        [5] = Sequence(I32, I32),                           // decimal
        [6] = Empty, [7] = Time, [8] = Time,                    // date, time, timestamp
        [10] = Sequence(I8, Truth),                // integer
        [11] = Empty, [12] = Empty, [13] = Empty, [14] = Empty, // unknown, JSON, BSON, UUID
        [15] = Empty, [16] = Sequence(I8),         // float16, variant
        [17] = Sequence(Binary), [18] = Sequence(Binary, I32), // geometry, geography
    });

    static readonly ThriftType SchemaElement = Sequence(I32, I32, I32, Binary, I32, I32, I32, I32, I32, LogicalType);

    static readonly ThriftType ColumnMetaData = Sequence(
        I32, ListOf(I32), ListOf(Binary), I32, I64, I64, I64, ListOf(KeyValue), I64, I64, I64, Statistics,
        ListOf(Sequence(I32, I32, I32)), I64, I32, SizeStatistics, Sequence(BoundingBox, ListOf(I32)));

    static readonly ThriftType ColumnChunk = Sequence(Binary, I64, ColumnMetaData, I64, I32, I64, I32, Empty, Binary);

    static readonly ThriftType RowGroup = Sequence(ListOf(ColumnChunk), I64, I64, ListOf(Sequence(I32, Truth, Truth)), I64, I64, I16);

    /// <summary>FileMetaData.</summary>
    public static readonly ThriftType Footer = Sequence(
        I32, ListOf(SchemaElement), I64, ListOf(RowGroup), ListOf(KeyValue), Binary, ListOf(Sequence(Empty)), Empty, Binary);

    /// <summary>PageHeader.</summary>
    public static readonly ThriftType Page = Sequence(
        I32, I32, I32, I32, Sequence(I32, I32, I32, I32, Statistics), Empty, Sequence(I32, I32, Truth),
        Sequence(I32, I32, I32, I32, I32, I32, Truth, Statistics));
}
