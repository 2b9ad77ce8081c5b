using System.Runtime.InteropServices;
using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.Checkpoints;

/// <summary>Moves elements between files and tensors in pieces, converting on the way, so that no second copy of a model is ever held.</summary>
public static class TensorTransfer
{
    /// <summary>Elements moved at a time: 4 MiB of float32.</summary>
    const int ChunkElements = 1 << 20;

    /// <summary>Reads a stored tensor into an existing one of any device, converting between float formats.</summary>
    /// <exception cref="InvalidDataException">The numbers of elements differ, or only one of the two is of floats.</exception>
    public static void Read(ITensorSource source, StoredTensor stored, Tensor destination)
    {
        if (stored.NumElements != destination.numel())
            throw new InvalidDataException($"{source.Path}: {stored.Name} has {stored.NumElements:N0} elements, {destination.numel():N0} are expected.");
        if (TensorFormats.IsFloat(stored.Format) != destination.is_floating_point())
            throw new InvalidDataException($"{source.Path}: {stored.Name} is {TensorFormats.HuggingFaceName(stored.Format)}, {destination.dtype} is expected.");
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var flat = destination.detach().view(-1);
        var size = TensorFormats.SizeOf(stored.Format);
        for (long start = 0; start < stored.NumElements; start += ChunkElements)
        {
            var count = (int)Math.Min(ChunkElements, stored.NumElements - start);
            using var chunk = empty([count], ScalarTypeOf(stored.Format));
            source.Read(stored, start * size, TensorMemory.Span<byte>(chunk));
            using var part = flat.narrow(0, start, count);
            part.copy_(chunk);
        }
    }

    /// <summary>A new tensor on the CPU with the stored elements, in the stored format.</summary>
    public static Tensor Read(ITensorSource source, StoredTensor stored)
    {
        var tensor = empty([.. stored.Shape], ScalarTypeOf(stored.Format));
        try
        {
            Read(source, stored, tensor);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Reads a stored tensor of floats into memory as float32.</summary>
    /// <exception cref="InvalidDataException">It is not of floats, or of another number of elements.</exception>
    public static void ReadFloats(ITensorSource source, StoredTensor stored, Span<float> destination)
    {
        if (!TensorFormats.IsFloat(stored.Format))
            throw new InvalidDataException($"{source.Path}: {stored.Name} is {TensorFormats.HuggingFaceName(stored.Format)}, a float format is expected.");
        if (stored.NumElements != destination.Length)
            throw new InvalidDataException($"{source.Path}: {stored.Name} has {stored.NumElements:N0} elements, {destination.Length:N0} are expected.");
        if (stored.Format == TensorFormat.Float32)
        {
            source.Read(stored, 0, MemoryMarshal.AsBytes(destination));
            return;
        }
        var size = TensorFormats.SizeOf(stored.Format);
        var bytes = new byte[Math.Min(ChunkElements, destination.Length) * size];
        for (var start = 0; start < destination.Length; start += ChunkElements)
        {
            var part = destination[start..Math.Min(start + ChunkElements, destination.Length)];
            var chunk = bytes.AsSpan(0, part.Length * size);
            source.Read(stored, (long)start * size, chunk);
            FloatConversion.ToSingle(chunk, stored.Format, part);
        }
    }

    /// <summary>True if two stored tensors have the same format and elements.</summary>
    public static bool AreEqual(ITensorSource source, StoredTensor first, StoredTensor second)
    {
        if (ReferenceEquals(first, second)) return true;
        if (first.Format != second.Format || first.NumElements != second.NumElements) return false;
        var (a, b) = (new byte[Math.Min(ChunkElements, first.NumBytes)], new byte[Math.Min(ChunkElements, first.NumBytes)]);
        for (long start = 0; start < first.NumBytes; start += a.Length)
        {
            var count = (int)Math.Min(a.Length, first.NumBytes - start);
            source.Read(first, start, a.AsSpan(0, count));
            source.Read(second, start, b.AsSpan(0, count));
            if (!a.AsSpan(0, count).SequenceEqual(b.AsSpan(0, count))) return false;
        }
        return true;
    }

    /// <summary>What <see cref="SafetensorsWriter"/> needs to write a tensor of any device in a format.</summary>
    /// <param name="name">The name it gets.</param>
    /// <param name="tensor">Of floats, or of the format itself.</param>
    /// <param name="format">Null keeps the tensor's own.</param>
    public static SafetensorsWriter.Item Item(string name, Tensor tensor, TensorFormat? format = null)
    {
        var stored = new StoredTensor(name, format ?? FormatOf(tensor.dtype), tensor.shape);
        return new SafetensorsWriter.Item(stored, stream =>
        {
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            var flat = tensor.detach().contiguous().view(-1);
            for (long start = 0; start < stored.NumElements; start += ChunkElements)
            {
                using var part = flat.narrow(0, start, Math.Min(ChunkElements, stored.NumElements - start));
                using var chunk = part.to(ScalarTypeOf(stored.Format)).cpu().contiguous();
                stream.Write(TensorMemory.Span<byte>(chunk));
            }
        });
    }

    /// <summary>What <see cref="SafetensorsWriter"/> needs to write an array in a float format.</summary>
    public static SafetensorsWriter.Item Item(string name, ReadOnlyMemory<float> values, IReadOnlyList<long> shape, TensorFormat format = TensorFormat.Float32) =>
        new(new StoredTensor(name, format, shape), stream =>
        {
            var size = TensorFormats.SizeOf(format);
            var bytes = new byte[Math.Min(ChunkElements, values.Length) * size];
            for (var start = 0; start < values.Length; start += ChunkElements)
            {
                var part = values.Span[start..Math.Min(start + ChunkElements, values.Length)];
                FloatConversion.FromSingle(part, format, bytes);
                stream.Write(bytes, 0, part.Length * size);
            }
        });

    /// <summary>What <see cref="SafetensorsWriter"/> needs to copy a stored tensor under a name, as it is or in another float format.</summary>
    public static SafetensorsWriter.Item Item(string name, ITensorSource source, StoredTensor stored, TensorFormat? format = null)
    {
        var target = format is { } wanted && TensorFormats.IsFloat(stored.Format) ? wanted : stored.Format;
        var (size, targetSize) = (TensorFormats.SizeOf(stored.Format), TensorFormats.SizeOf(target));
        return new SafetensorsWriter.Item(stored with { Name = name, Format = target }, stream =>
        {
            var bytes = new byte[ChunkElements * Math.Max(size, targetSize)];
            var floats = target == stored.Format ? [] : new float[ChunkElements];
            for (long start = 0; start < stored.NumElements; start += ChunkElements)
            {
                var count = (int)Math.Min(ChunkElements, stored.NumElements - start);
                source.Read(stored, start * size, bytes.AsSpan(0, count * size));
                if (target != stored.Format)
                {
                    FloatConversion.ToSingle(bytes.AsSpan(0, count * size), stored.Format, floats.AsSpan(0, count));
                    FloatConversion.FromSingle(floats.AsSpan(0, count), target, bytes.AsSpan(0, count * targetSize));
                }
                stream.Write(bytes, 0, count * targetSize);
            }
        });
    }

    static ScalarType ScalarTypeOf(TensorFormat format) => format switch
    {
        TensorFormat.Bool => ScalarType.Bool,
        TensorFormat.UInt8 => ScalarType.Byte,
        TensorFormat.Int8 => ScalarType.Int8,
        TensorFormat.Int16 => ScalarType.Int16,
        TensorFormat.Float16 => ScalarType.Float16,
        TensorFormat.BFloat16 => ScalarType.BFloat16,
        TensorFormat.Int32 => ScalarType.Int32,
        TensorFormat.Float32 => ScalarType.Float32,
        TensorFormat.Int64 => ScalarType.Int64,
        TensorFormat.Float64 => ScalarType.Float64,
        _ => throw new InvalidDataException($"Tensors of {TensorFormats.HuggingFaceName(format)} cannot be computed with."),
    };

    static TensorFormat FormatOf(ScalarType type) => type switch
    {
        ScalarType.Bool => TensorFormat.Bool,
        ScalarType.Byte => TensorFormat.UInt8,
        ScalarType.Int8 => TensorFormat.Int8,
        ScalarType.Int16 => TensorFormat.Int16,
        ScalarType.Float16 => TensorFormat.Float16,
        ScalarType.BFloat16 => TensorFormat.BFloat16,
        ScalarType.Int32 => TensorFormat.Int32,
        ScalarType.Float32 => TensorFormat.Float32,
        ScalarType.Int64 => TensorFormat.Int64,
        ScalarType.Float64 => TensorFormat.Float64,
        _ => throw new ArgumentException($"A tensor of {type} has no stored form."),
    };
}
