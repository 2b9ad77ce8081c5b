namespace Electra.Checkpoints;

/// <summary>How a stored tensor's elements are written, little-endian.</summary>
public enum TensorFormat
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,
    /// <summary>Unsigned, 8 bits.</summary>
    UInt8,
    /// <summary>Signed, 8 bits.</summary>
    Int8,
    /// <summary>Signed, 16 bits.</summary>
    Int16,
    /// <summary>Unsigned, 16 bits.</summary>
    UInt16,
    /// <summary>IEEE half precision.</summary>
    Float16,
    /// <summary>The upper half of a float32.</summary>
    BFloat16,
    /// <summary>Signed, 32 bits.</summary>
    Int32,
    /// <summary>Unsigned, 32 bits.</summary>
    UInt32,
    /// <summary>IEEE single precision.</summary>
    Float32,
    /// <summary>Signed, 64 bits.</summary>
    Int64,
    /// <summary>Unsigned, 64 bits.</summary>
    UInt64,
    /// <summary>IEEE double precision.</summary>
    Float64,
}

/// <summary>Sizes and names of formats.</summary>
public static class TensorFormats
{
    static readonly (TensorFormat Format, string Safetensors, string HuggingFace, int Size)[] Table =
    [
        (TensorFormat.Bool, "BOOL", "bool", 1), (TensorFormat.UInt8, "U8", "uint8", 1), (TensorFormat.Int8, "I8", "int8", 1),
        (TensorFormat.Int16, "I16", "int16", 2), (TensorFormat.UInt16, "U16", "uint16", 2),
        (TensorFormat.Float16, "F16", "float16", 2), (TensorFormat.BFloat16, "BF16", "bfloat16", 2),
        (TensorFormat.Int32, "I32", "int32", 4), (TensorFormat.UInt32, "U32", "uint32", 4), (TensorFormat.Float32, "F32", "float32", 4),
        (TensorFormat.Int64, "I64", "int64", 8), (TensorFormat.UInt64, "U64", "uint64", 8), (TensorFormat.Float64, "F64", "float64", 8),
    ];

    /// <summary>The names that safetensors headers know here.</summary>
    public static IEnumerable<string> SafetensorsNames => Table.Select(row => row.Safetensors);

    /// <summary>Bytes of one element.</summary>
    public static int SizeOf(TensorFormat format) => Table[(int)format].Size;

    /// <summary>The name in a safetensors header, such as <c>F32</c>.</summary>
    public static string SafetensorsName(TensorFormat format) => Table[(int)format].Safetensors;

    /// <summary>The name in a Hugging Face configuration and on our command line, such as <c>float32</c>.</summary>
    public static string HuggingFaceName(TensorFormat format) => Table[(int)format].HuggingFace;

    /// <summary>The format of a safetensors name, or null.</summary>
    public static TensorFormat? FromSafetensors(string name)
    {
        foreach (var row in Table)
            if (row.Safetensors == name) return row.Format;
        return null;
    }

    /// <summary>True for formats that hold weights.</summary>
    public static bool IsFloat(TensorFormat format) =>
        format is TensorFormat.Float16 or TensorFormat.BFloat16 or TensorFormat.Float32 or TensorFormat.Float64;
}
