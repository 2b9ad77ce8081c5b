namespace Electra.Corpus;

/// <summary>Kinds of values by the numbers of Thrift's compact protocol (thrift-compact-protocol.md).</summary>
enum ThriftKind
{
    True = 1,
    False = 2,
    Byte = 3,
    Int16 = 4,
    Int32 = 5,
    Int64 = 6,
    Double = 7,
    Binary = 8,
    List = 9,
    Set = 10,
    Map = 11,
    Struct = 12,
}

/// <summary>What a value is declared to be: a kind, and what lies in it.</summary>
/// <param name="Kind">True stands for both truth values.</param>
/// <param name="Item">Of a list.</param>
/// <param name="Fields">Of a structure, by their numbers.</param>
sealed record ThriftType(ThriftKind Kind, ThriftType? Item = null, IReadOnlyDictionary<int, ThriftType>? Fields = null)
{
    public static readonly ThriftType Truth = new(ThriftKind.True);
    public static readonly ThriftType I8 = new(ThriftKind.Byte);
    public static readonly ThriftType I16 = new(ThriftKind.Int16);
    public static readonly ThriftType I32 = new(ThriftKind.Int32);
    public static readonly ThriftType I64 = new(ThriftKind.Int64);
    public static readonly ThriftType F64 = new(ThriftKind.Double);
    public static readonly ThriftType Binary = new(ThriftKind.Binary);

    /// <summary>A structure without fields that matter.</summary>
    public static readonly ThriftType Empty = Struct([]);

    public static ThriftType ListOf(ThriftType item) => new(ThriftKind.List, Item: item);

    public static ThriftType Struct(Dictionary<int, ThriftType> fields) => new(ThriftKind.Struct, Fields: fields);

    /// <summary>A structure whose fields 1, 2, 3, ... are these.</summary>
    public static ThriftType Sequence(params IEnumerable<ThriftType> fields) => Struct(fields.Index().ToDictionary(field => field.Index + 1, field => field.Item));

    /// <summary>True if a value of that kind may stand here.</summary>
    public bool Takes(ThriftKind kind) => kind == Kind || (Kind == ThriftKind.True && kind == ThriftKind.False);

    /// <summary>The type of a structure's field; null where it is not known.</summary>
    public ThriftType? Field(int id) => Fields?.GetValueOrDefault(id);
}
