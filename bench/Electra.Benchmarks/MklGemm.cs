using System.Runtime.InteropServices;

namespace Electra.Benchmarks;

/// <summary>MKL's float32 product, which libtorch exports: what our own is measured against.</summary>
static unsafe partial class MklGemm
{
    /// <summary>C = op(A) op(B), row-major.</summary>
    public static void Multiply(bool transposeA, bool transposeB, int rows, int columns, int depth, float* a, int aStride, float* b, int bStride, float* c)
    {
        // Column-major C^T = op(B)^T op(A)^T.
        byte left = (byte)(transposeB ? 'T' : 'N'), right = (byte)(transposeA ? 'T' : 'N');
        float one = 1, zero = 0;
        Sgemm(&left, &right, &columns, &rows, &depth, &one, b, &bStride, a, &aStride, &zero, c, &columns);
    }

    [LibraryImport("libtorch_cpu.so", EntryPoint = "sgemm_")]
    private static partial void Sgemm(
        byte* transposeA, byte* transposeB, int* m, int* n, int* k, float* alpha, float* a, int* lda, float* b, int* ldb, float* beta, float* c, int* ldc);
}
