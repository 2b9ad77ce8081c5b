using System.Runtime.InteropServices;

namespace Electra.Checkpoints;

/// <summary>Conversions between float formats; narrowing rounds to nearest, ties to even.</summary>
static class FloatConversion
{
    /// <exception cref="ArgumentException">The format is not of floats.</exception>
    public static void ToSingle(ReadOnlySpan<byte> source, TensorFormat format, Span<float> destination)
    {
        switch (format)
        {
            case TensorFormat.Float32:
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case TensorFormat.Float16:
                var halves = MemoryMarshal.Cast<byte, Half>(source);
                for (var i = 0; i < destination.Length; i++) destination[i] = (float)halves[i];
                break;
            case TensorFormat.BFloat16:
                var words = MemoryMarshal.Cast<byte, ushort>(source);
                for (var i = 0; i < destination.Length; i++) destination[i] = BitConverter.UInt32BitsToSingle((uint)words[i] << 16);
                break;
            case TensorFormat.Float64:
                var doubles = MemoryMarshal.Cast<byte, double>(source);
                for (var i = 0; i < destination.Length; i++) destination[i] = (float)doubles[i];
                break;
            default:
                throw new ArgumentException($"{format} is not a float format.", nameof(format));
        }
    }

    /// <exception cref="ArgumentException">The format is not of floats.</exception>
    public static void FromSingle(ReadOnlySpan<float> source, TensorFormat format, Span<byte> destination)
    {
        switch (format)
        {
            case TensorFormat.Float32:
                MemoryMarshal.AsBytes(source).CopyTo(destination);
                break;
            case TensorFormat.Float16:
                var halves = MemoryMarshal.Cast<byte, Half>(destination);
                for (var i = 0; i < source.Length; i++) halves[i] = (Half)source[i];
                break;
            case TensorFormat.BFloat16:
                var words = MemoryMarshal.Cast<byte, ushort>(destination);
                for (var i = 0; i < source.Length; i++) words[i] = RoundToBFloat16(source[i]);
                break;
            case TensorFormat.Float64:
                var doubles = MemoryMarshal.Cast<byte, double>(destination);
                for (var i = 0; i < source.Length; i++) doubles[i] = source[i];
                break;
            default:
                throw new ArgumentException($"{format} is not a float format.", nameof(format));
        }
    }

    static ushort RoundToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        // Rounding would carry a NaN's mantissa into infinity; a quiet bit keeps it a NaN.
        if (float.IsNaN(value)) return (ushort)(bits >> 16 | 0x40);
        return (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }
}
