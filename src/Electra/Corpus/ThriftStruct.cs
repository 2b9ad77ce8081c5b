using System.Buffers.Binary;

namespace Electra.Corpus;

/// <summary>
/// A structure of Thrift's compact protocol (thrift.apache.org, thrift-compact-protocol.md) as fields by their numbers. Reading takes time and
/// memory in proportion to the bytes that are there, whatever lengths they claim.
/// </summary>
sealed class ThriftStruct
{
    /// <summary>Parquet nests half as deep.</summary>
    const int MaxDepth = 16;

    static readonly ThriftStruct Empty = new();

    readonly Dictionary<int, object> _fields = [];

    /// <summary>A whole number; null where the field is missing or another kind.</summary>
    public long? Number(int field) => _fields.GetValueOrDefault(field) as long?;

    /// <summary>A structure; null where the field is missing or another kind.</summary>
    public ThriftStruct? Struct(int field) => _fields.GetValueOrDefault(field) as ThriftStruct;

    /// <summary>The items of a list; none where the field is missing or another kind.</summary>
    public IReadOnlyList<T> List<T>(int field) => _fields.GetValueOrDefault(field) is List<object> items ? [.. items.OfType<T>()] : [];

    /// <summary>True if the field is there.</summary>
    public bool Has(int field) => _fields.ContainsKey(field);

    /// <summary>Reads a structure from the beginning of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">It and what follows.</param>
    /// <param name="type">What its fields are; others than it knows may be of any kind.</param>
    /// <param name="length">Bytes it takes.</param>
    /// <exception cref="InvalidDataException">The bytes are none, or a known field is of another kind.</exception>
    public static ThriftStruct Read(ReadOnlySpan<byte> bytes, ThriftType type, out int length)
    {
        var reader = new Reader(bytes);
        var read = reader.Struct(0, type);
        length = reader.Position;
        return read;
    }

    ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        readonly ReadOnlySpan<byte> _bytes = bytes;

        public int Position { get; private set; }

        public ThriftStruct Struct(int depth, ThriftType? type)
        {
            if (depth == MaxDepth) throw Damaged();
            ThriftStruct? read = null;
            for (int id = 0, header; (header = Next()) != 0;)
            {
                id = header >> 4 == 0 ? (int)ZigZag() : id + (header >> 4);
                read ??= new ThriftStruct();
                if (!read._fields.TryAdd(id, Value((ThriftKind)(header & 15), depth + 1, isItem: false, type?.Field(id)))) throw Damaged();
            }
            return read ?? Empty;
        }

        object Value(ThriftKind kind, int depth, bool isItem, ThriftType? type)
        {
            if (type is not null && !type.Takes(kind)) throw Damaged();
            switch (kind)
            {
                case ThriftKind.True or ThriftKind.False: return (isItem ? (ThriftKind)Next() : kind) == ThriftKind.True ? 1L : 0L;
                case ThriftKind.Byte: return (long)(sbyte)Next();
                case ThriftKind.Int16 or ThriftKind.Int32 or ThriftKind.Int64: return ZigZag();
                case ThriftKind.Double: return BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));
                case ThriftKind.Binary: return Take(Count()).ToArray();
                case ThriftKind.List or ThriftKind.Set: return Items(depth, type?.Item);
                case ThriftKind.Map: return Pairs(depth);
                case ThriftKind.Struct: return Struct(depth, type);
                default: throw Damaged();
            }
        }

        List<object> Items(int depth, ThriftType? type)
        {
            var header = Next();
            return Items(header >> 4 == 15 ? Count() : header >> 4, [header & 15], depth, type);
        }

        List<object> Pairs(int depth)
        {
            var count = Count();
            if (count == 0) return [];
            var kinds = Next();
            return Items(count, [kinds >> 4, kinds & 15], depth, type: null);
        }

        List<object> Items(int count, scoped ReadOnlySpan<int> kinds, int depth, ThriftType? type)
        {
            if (depth == MaxDepth || count > _bytes.Length - Position) throw Damaged(); // each item takes a byte at least
            var items = new List<object>();
            for (var i = 0; i < count; i++)
                foreach (var kind in kinds) items.Add(Value((ThriftKind)kind, depth + 1, isItem: true, type));
            return items;
        }

        int Count() => Varint() is <= int.MaxValue and var count ? (int)count : throw Damaged();

        long ZigZag()
        {
            var value = Varint();
            return (long)(value >> 1) ^ -(long)(value & 1);
        }

        ulong Varint()
        {
            ulong value = 0;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var next = Next();
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
            throw Damaged();
        }

        int Next() => Take(1)[0];

        ReadOnlySpan<byte> Take(int count)
        {
            if (count > _bytes.Length - Position) throw Damaged();
            Position += count;
            return _bytes.Slice(Position - count, count);
        }

        static InvalidDataException Damaged() => new("a description in it is damaged");
    }
}
