using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Electra.Numerics;

/// <summary>Views of a tensor's own memory, and tensors made of plain arrays.</summary>
/// <remarks>
/// Torch is given a tensor's handle and keeps no reference to the object, which the collector may free in the middle of the operation if nothing else
/// does: operations stand in a dispose scope, which holds all tensors made in it, or on tensors that are used afterwards.
/// </remarks>
public static class TensorMemory
{
    /// <summary>The elements of a contiguous CPU tensor: no copy, writes are seen by torch.</summary>
    /// <exception cref="ArgumentException">The tensor is not contiguous or not on the CPU.</exception>
    public static Span<T> Span<T>(torch.Tensor tensor) where T : unmanaged
    {
        if (tensor.device_type != DeviceType.CPU || !tensor.is_contiguous())
            throw new ArgumentException("Only a contiguous tensor on the CPU has a span.", nameof(tensor));
        return MemoryMarshal.Cast<byte, T>(tensor.bytes);
    }

    /// <summary>The first element of a contiguous float32 tensor on the CPU, for kernels; valid as long as the tensor lives.</summary>
    /// <exception cref="ArgumentException">The tensor is not contiguous or not on the CPU.</exception>
    public static unsafe float* Pointer(torch.Tensor tensor) =>
        (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(Span<float>(tensor)));

    /// <summary>A new int64 tensor of the given shape on <paramref name="device"/>, as torch wants its indices.</summary>
    public static torch.Tensor Indices(ReadOnlySpan<int> values, torch.Device device, params ReadOnlySpan<long> shape)
    {
        var tensor = torch.empty(shape, torch.ScalarType.Int64);
        var span = Span<long>(tensor);
        for (var i = 0; i < values.Length; i++) span[i] = values[i];
        return OnDevice(tensor, device);
    }

    /// <summary>A new float32 tensor of the given shape on <paramref name="device"/>.</summary>
    public static torch.Tensor Floats(ReadOnlySpan<float> values, torch.Device device, params ReadOnlySpan<long> shape)
    {
        var tensor = torch.empty(shape, torch.ScalarType.Float32);
        values.CopyTo(Span<float>(tensor));
        return OnDevice(tensor, device);
    }

    /// <summary>Copies a tensor of any device and float type into a new float32 array, in row-major order.</summary>
    public static float[] ToFloats(torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        var plain = tensor.detach().to(torch.ScalarType.Float32).cpu().contiguous();
        var values = Span<float>(plain).ToArray();
        GC.KeepAlive(tensor);
        return values;
    }

    /// <summary>Whether every element of a float32 tensor is a finite number. On a processor at the speed of memory, for every model that is loaded is asked.</summary>
    public static bool IsFinite(torch.Tensor tensor)
    {
        using var noGradient = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        return tensor.device_type == DeviceType.CPU && tensor.is_contiguous() ? IsFinite(Span<float>(tensor)) : tensor.isfinite().all().item<bool>();
    }

    static bool IsFinite(ReadOnlySpan<float> values)
    {
        // x - x is 0 for every finite number, and no number for the others.
        var sums = Vector<float>.Zero;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (var vector in vectors) sums += vector - vector;
        var sum = Vector.Sum(sums);
        foreach (var value in values[(vectors.Length * Vector<float>.Count)..]) sum += value - value;
        return sum == 0;
    }

    /// <summary>A new flat float32 tensor of zeros, in huge pages where it is large and on the processor: for what every step walks through.</summary>
    public static unsafe torch.Tensor Zeros(long length, torch.Device device)
    {
        var tensor = torch.empty(length, torch.ScalarType.Float32, device);
        if (device.type == DeviceType.CPU) HugePages.Advise(Pointer(tensor), (nuint)length * sizeof(float));
        using var noGradient = torch.no_grad();
        tensor.zero_();
        return tensor;
    }

    static torch.Tensor OnDevice(torch.Tensor tensor, torch.Device device)
    {
        if (device.type == DeviceType.CPU) return tensor;
        using (tensor) return tensor.to(device);
    }
}
