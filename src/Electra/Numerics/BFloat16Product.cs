using System.Runtime.InteropServices;

namespace Electra.Numerics;

/// <summary>
/// bfloat16 matrix products over raw memory by the block kernel that libtorch exports (<c>at::native::cpublas::brgemm</c>, oneDNN inside): .NET
/// has no instruction for them. The symbol belongs to libtorch 2.10: it is resolved when first asked for and has to pass a numeric test,
/// else float32 kernels serve.
/// </summary>
public static unsafe class BFloat16Product
{
    const string Symbol = "_ZN2at6native7cpublas6brgemmEllllllbPKN3c108BFloat16ES5_Pfb";
    const string ReleaseSymbol = "_ZN2at6native7cpublas14brgemm_releaseEb";

    static readonly Lazy<Binding> Bound = new(Bind);

    /// <summary>True where the processor multiplies bfloat16 (AVX512_BF16 or AMX) and the kernel gives right results.</summary>
    public static bool IsAvailable => Bound.Value.Multiply != null;

    /// <summary>True where oneDNN is told to use no instructions that multiply bfloat16: libtorch emulates it then, as on a processor without them.</summary>
    public static bool IsForbidden => Limits().Any(limit => IsForbiddenBy(limit.Value));

    /// <summary>What to tell of a processor that multiplies bfloat16 where the kernels do not; null where they do, where it cannot, and where a GPU does the work.</summary>
    /// <param name="taken">The precision that is taken.</param>
    public static string? WarningOf(Precision taken)
    {
        if (Bound.Value.Fault is not { } fault || ComputeDevice.IsGpu) return null;
        return taken == Precision.Float32
            ? $"{fault}: float32 is taken instead."
            : $"{fault}: plain torch operations take bfloat16 as it is asked for, which may be many times slower than float32.";
    }

    /// <summary>C (M, N) = A (M, K) B in float32 sums, or C += A B. Nothing is checked: a shape that does not fit the memory ends the process.</summary>
    /// <param name="rows">M.</param>
    /// <param name="columns">N.</param>
    /// <param name="depth">K, even.</param>
    /// <param name="a">bfloat16, rows <paramref name="aStride"/> apart.</param>
    /// <param name="b">bfloat16 pairs (K / 2, N, 2), as one row of N pairs for two rows of B.</param>
    /// <param name="c">Rows <paramref name="cStride"/> apart.</param>
    /// <param name="accumulate">True to add to C.</param>
    internal static void Multiply(nint rows, nint columns, nint depth, ushort* a, nint aStride, ushort* b, float* c, nint cStride, bool accumulate)
    {
        const byte isPaired = 1;
        Bound.Value.Multiply(rows, columns, depth, aStride, columns, cStride, accumulate ? (byte)1 : (byte)0, a, b, c, isPaired);
    }

    /// <summary>
    /// Gives back the processor's tile state, which AMX kernels leave configured and which other operations of the thread configure for themselves;
    /// called by each thread when it has done its products.
    /// </summary>
    internal static void Release()
    {
        if (Bound.Value.Release != null) Bound.Value.Release(1);
    }

    /// <summary>True where oneDNN is told (ONEDNN_MAX_CPU_ISA) to use no instructions that multiply bfloat16: its block kernel would end the process.</summary>
    internal static bool IsForbiddenBy(string? instructionSet) =>
        instructionSet?.ToUpperInvariant() is "SSE41" or "AVX" or "AVX2" or "AVX2_VNNI" or "AVX2_VNNI_2" or "AVX512_CORE" or "AVX512_CORE_VNNI";

    static Binding Bind()
    {
        if (!Hardware.Describe().ProcessorMultipliesBFloat16 || !OperatingSystem.IsLinux()) return new Binding();
        foreach (var (name, limit) in Limits())
            if (IsForbiddenBy(limit)) return new Binding { Fault = $"{name}={limit} forbids the processor's bfloat16 products (unset it for them)" };
        var library = NativeLibrary.Load(Path.Combine(TorchLibrary.EnsureLoaded().Folder, "libtorch_cpu.so"));
        if (!NativeLibrary.TryGetExport(library, Symbol, out var multiply) || !NativeLibrary.TryGetExport(library, ReleaseSymbol, out var release))
            return new Binding { Fault = "This libtorch does not export its bfloat16 block product" };

        var binding = new Binding
        {
            Multiply = (delegate* unmanaged[SuppressGCTransition]<nint, nint, nint, nint, nint, nint, byte, ushort*, ushort*, float*, byte, void>)multiply,
            Release = (delegate* unmanaged[SuppressGCTransition]<byte, void>)release,
        };
        return IsRight(binding) ? binding : new Binding { Fault = "libtorch's bfloat16 block product gives wrong results here" };
    }

    static IEnumerable<(string Name, string? Value)> Limits() =>
        ((string[])["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"]).Select(name => (name, Environment.GetEnvironmentVariable(name)));

    /// <summary>Small whole numbers, whose products and sums are exact in bfloat16 and float32.</summary>
    static bool IsRight(Binding binding)
    {
        const int rows = 5, columns = 48, depth = 34;
        var a = stackalloc ushort[rows * depth];
        var b = stackalloc ushort[depth * columns];
        var c = stackalloc float[rows * columns];
        for (var i = 0; i < rows * depth; i++) a[i] = Bits(i % 7 - 3);
        for (var k = 0; k < depth; k++)
            for (var j = 0; j < columns; j++) b[(k / 2 * columns + j) * 2 + k % 2] = Bits((k * 5 + j) % 9 - 4);
        new Span<float>(c, rows * columns).Fill(2);
        binding.Multiply(rows, columns, depth, depth, columns, columns, 1, a, b, c, 1);
        binding.Release(1);

        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                var expected = 2;
                for (var k = 0; k < depth; k++) expected += ((i * depth + k) % 7 - 3) * ((k * 5 + j) % 9 - 4);
                if (c[i * columns + j] != expected) return false;
            }
        }
        return true;

        static ushort Bits(float value) => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
    }

    sealed class Binding
    {
        // A product takes microseconds, calls nothing back and waits for nobody: the switch to unmanaged code and back would cost more than a
        // collection that waits for its end.
        public delegate* unmanaged[SuppressGCTransition]<nint, nint, nint, nint, nint, nint, byte, ushort*, ushort*, float*, byte, void> Multiply { get; init; }

        public delegate* unmanaged[SuppressGCTransition]<byte, void> Release { get; init; }

        public string? Fault { get; init; }
    }
}
