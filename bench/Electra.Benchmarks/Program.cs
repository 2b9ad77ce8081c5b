using System.Diagnostics;
using System.Runtime.InteropServices;
using Electra.Numerics.Kernels;
using TorchSharp;

unsafe static class Program
{
    [DllImport("libtorch_cpu.so")] static extern void sgemm_(byte* ta, byte* tb, int* m, int* n, int* k, float* alpha, float* a, int* lda, float* b, int* ldb, float* beta, float* c, int* ldc);
    static void Mkl(char ta, char tb, int m, int n, int k, float* a, int lda, float* b, int ldb, float* c, int ldc)
    { byte x = (byte)ta, y = (byte)tb; float al = 1, be = 0; sgemm_(&x, &y, &m, &n, &k, &al, a, &lda, b, &ldb, &be, c, &ldc); }
    static double Median(Action f)
    {
        f(); f(); var l = new List<double>(); var t0 = Stopwatch.GetTimestamp();
        while (l.Count < 7 || (l.Count < 200 && Stopwatch.GetElapsedTime(t0).TotalSeconds < 0.4)) { var t = Stopwatch.GetTimestamp(); f(); l.Add(Stopwatch.GetElapsedTime(t).TotalSeconds); }
        l.Sort(); return l[l.Count / 2];
    }
    static void Main()
    {
        torch.set_num_threads(1); using var one = torch.zeros(1);
        using var ab = new NativeBuffer(8 << 20); using var bb = new NativeBuffer(8 << 20); using var cb = new NativeBuffer(8 << 20); using var pb = new NativeBuffer(8 << 20); using var sb = new NativeBuffer(Gemm.LeftScratch);
        float* a = ab.Start, b = bb.Start, c = cb.Start, p = pb.Start, s = sb.Start;
        var r = new Random(1); foreach (ref var x in ab.Span) x = r.NextSingle() - .5f; foreach (ref var x in bb.Span) x = r.NextSingle() - .5f;
        int T = 2048;
        foreach (var (n, k) in new[] { (768, 256), (256, 256), (1024, 256), (256, 1024), (64, 64), (192, 64), (256, 64), (64, 256) })
        {
            double g = 2.0 * T * n * k / 1e9;
            var nt = Median(() => { Packing.PackTransposed(b, k, k, n, p); Gemm.Multiply(a, k, p, c, n, T, n, k, false); });
            var pk = Median(() => Packing.PackTransposed(b, k, k, n, p));
            var mnt = Median(() => Mkl('T', 'N', n, T, k, b, k, a, k, c, n));
            // dX[T,k] = dY[T,n] W[n,k]
            var nn = Median(() => { Packing.PackRows(b, k, n, k, p); Gemm.Multiply(a, n, p, c, k, T, k, n, false); });
            var mnn = Median(() => Mkl('N', 'N', k, T, n, b, k, a, n, c, k));
            // dW[n,k] = dY[T,n]^T X[T,k]
            var tn = Median(() => { Packing.PackRows(b, k, T, k, p); Gemm.MultiplyTransposed(a, n, p, c, k, n, k, T, false, s); });
            var pk2 = Median(() => Packing.PackRows(b, k, T, k, p));
            var mtn = Median(() => Mkl('N', 'T', k, n, T, b, k, a, n, c, k));
            Console.WriteLine($"T{T} n{n} k{k}: NT {g / nt:F1} (pack {pk * 1e6:F0} us of {nt * 1e6:F0}; mkl {g / mnt:F1})  NN {g / nn:F1} (mkl {g / mnn:F1})  TN {g / tn:F1} (packB {pk2 * 1e6:F0} of {tn * 1e6:F0}; mkl {g / mtn:F1})");
        }
    }
}
