namespace Electra.Checkpoints;

/// <summary>A tensor in a file: what it is called, not what it holds.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Format">How its elements are written.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
public sealed record StoredTensor(string Name, TensorFormat Format, IReadOnlyList<long> Shape)
{
    /// <summary>Elements.</summary>
    public long NumElements => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Bytes of its elements.</summary>
    public long NumBytes => NumElements * TensorFormats.SizeOf(Format);

    /// <summary>The shape as an error prints it.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}
