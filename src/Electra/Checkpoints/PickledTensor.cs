namespace Electra.Checkpoints;

/// <summary>A dictionary of a pickle, in the order of its items.</summary>
sealed class PickledDictionary
{
    public List<KeyValuePair<object?, object?>> Items { get; } = [];
}

/// <summary>One of the names that a pickle of tensors may ask for.</summary>
/// <param name="Name">Module and name.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Format">Of a storage class.</param>
sealed record PickledName(string Name, PickledName.NameKind Kind, TensorFormat? Format = null)
{
    public enum NameKind { OrderedDict, RebuildTensor, RebuildParameter, Storage }

    static readonly Dictionary<string, PickledName> Allowed = new PickledName[]
    {
        new("collections.OrderedDict", NameKind.OrderedDict),
        new("torch._utils._rebuild_tensor_v2", NameKind.RebuildTensor),
        new("torch._utils._rebuild_parameter", NameKind.RebuildParameter),
        new("torch.FloatStorage", NameKind.Storage, TensorFormat.Float32),
        new("torch.HalfStorage", NameKind.Storage, TensorFormat.Float16),
        new("torch.BFloat16Storage", NameKind.Storage, TensorFormat.BFloat16),
        new("torch.DoubleStorage", NameKind.Storage, TensorFormat.Float64),
        new("torch.LongStorage", NameKind.Storage, TensorFormat.Int64),
        new("torch.IntStorage", NameKind.Storage, TensorFormat.Int32),
        new("torch.ShortStorage", NameKind.Storage, TensorFormat.Int16),
        new("torch.CharStorage", NameKind.Storage, TensorFormat.Int8),
        new("torch.ByteStorage", NameKind.Storage, TensorFormat.UInt8),
        new("torch.BoolStorage", NameKind.Storage, TensorFormat.Bool),
    }.ToDictionary(name => name.Name, StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The name is not one that tensors need.</exception>
    public static PickledName Of(string path, string module, string name) => Allowed.TryGetValue($"{module}.{name}", out var known)
        ? known
        : throw new InvalidDataException($"{path}: the pickle asks for '{SafetensorsHeader.Shown($"{module}.{name}")}', which no tensor needs. "
            + "Nothing in it was run. Do not trust the file, or save its bare state_dict() again.");
}

/// <summary>A run of elements that tensors are views of.</summary>
/// <param name="Key">Its file below <c>data/</c> in the archive.</param>
/// <param name="Format">Of its elements.</param>
/// <param name="NumElements">How many there are.</param>
sealed record PickledStorage(string Key, TensorFormat Format, long NumElements)
{
    /// <exception cref="InvalidDataException">The value does not describe a storage.</exception>
    public static PickledStorage Of(string path, object? value) => value is object?[] and
        ["storage", PickledName { Kind: PickledName.NameKind.Storage, Format: { } format }, string key, string, long count] && TensorShape.TryCount([count], out _)
        ? new PickledStorage(key, format, count)
        : throw new InvalidDataException($"{path}: the pickle refers to something that is not a storage. Nothing in it was run.");
}

/// <summary>A view of a storage.</summary>
/// <param name="Storage">What it views.</param>
/// <param name="Offset">First element.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Strides">Elements from one index of an axis to the next.</param>
sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>Elements.</summary>
    public long NumElements => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>True if the elements lie side by side in row-major order.</summary>
    public bool IsContiguous
    {
        get
        {
            var expected = 1L;
            for (var axis = Shape.Length - 1; axis >= 0; axis--)
            {
                if (Shape[axis] != 1 && Strides[axis] != expected) return false;
                expected *= Shape[axis];
            }
            return true;
        }
    }

    /// <param name="path">For errors.</param>
    /// <param name="arguments">Of <c>_rebuild_tensor_v2</c>: storage, offset, shape, strides, and two to ignore.</param>
    /// <exception cref="InvalidDataException">They do not describe a view that lies inside its storage.</exception>
    public static PickledTensor Of(string path, object?[] arguments)
    {
        if (arguments is not [PickledStorage storage, long offset, object?[] sizes, object?[] steps, ..] || sizes.Length != steps.Length)
            throw Bad(path, "a tensor of an unknown form");
        var (shape, strides) = (Numbers(path, sizes), Numbers(path, steps));
        if (!TensorShape.TryCount(shape, out var count)) throw Bad(path, $"a tensor of the impossible shape [{string.Join(", ", shape)}]");
        // Fewer stored elements than the shape has would let a small file ask for any amount of memory.
        if (offset < 0 || count > storage.NumElements || !FitsInside(storage.NumElements, offset, shape, strides, count))
            throw Bad(path, $"a tensor of shape [{string.Join(", ", shape)}], strides [{string.Join(", ", strides)}] and offset {offset:N0} that leaves its storage of {storage.NumElements:N0} elements");
        return new PickledTensor(storage, offset, shape, strides);
    }

    static bool FitsInside(long stored, long offset, long[] shape, long[] strides, long count)
    {
        if (offset > stored) return false;
        if (count == 0) return true;
        var last = (Int128)offset;
        for (var axis = 0; axis < shape.Length; axis++) last += (Int128)(shape[axis] - 1) * strides[axis];
        return last < stored;
    }

    static long[] Numbers(string path, object?[] values)
    {
        var numbers = new long[values.Length];
        for (var i = 0; i < values.Length; i++)
            numbers[i] = values[i] is long number and >= 0 ? number : throw Bad(path, "a tensor with a size or stride that is no whole number from 0");
        return numbers;
    }

    static InvalidDataException Bad(string path, string what) => new($"{path}: the pickle describes {what}.");
}
