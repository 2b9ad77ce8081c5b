using Electra.Numerics.Kernels;
namespace Electra.Benchmarks;
static unsafe class Peak
{
    public static void Print()
    {
        using var a = GemmComparison.Random(1 << 20, 1); using var b = GemmComparison.Random(1 << 20, 2); using var c = new NativeBuffer(1 << 20);
        float* x = a.Start, y = b.Start, z = c.Start;
        foreach (var d in new[] { 16, 32, 64, 128, 256, 384, 512 })
        {
            var n = 200000 * 64 / d;
            var t = ThreadClock.Quartile(() => { for (var i = 0; i < n; i++) MicroKernel.MultiplyRows(x, d, y, z, 64, d, true); }, 5);
            var t2 = ThreadClock.Quartile(() => { for (var i = 0; i < n; i++) MicroKernel.MultiplyPacked(x, y, z, 64, d, true); }, 5);
            var t3 = ThreadClock.Quartile(() => { for (var i = 0; i < n; i++) MicroKernel.MultiplyRows(x, 1024, y, z, 256, d, true); }, 5);
            var f = 2.0 * 96 * d * n / 1e9;
            Console.WriteLine($"depth {d}: rows {f / t:F1} packed {f / t2:F1} rows1024 {f / t3:F1}");
        }
        var g = 0.0; var s = ThreadClock.Seconds; var k = 0L; for (; k < 2_000_000_000; k++) { } g = ThreadClock.Seconds - s; Console.WriteLine($"loop {2 / g:F2} Ghz?");
    }
}
static unsafe class Packs
{
    public static void Print()
    {
        using var a = GemmComparison.Random(4 << 20, 1); using var c = new NativeBuffer(4 << 20);
        foreach (var w in new[] { 64, 256, 768, 1024 })
        {
            var t = ThreadClock.Quartile(() => Packing.PackRows(a.Start, w, 2048, w, c.Start));
            var t2 = ThreadClock.Quartile(() => { for (var k = 0; k < 2048; k += 256) for (var r = 0; r < w; r += 192) Packing.PackLeft(a.Start + k * w + r, w, Math.Min(192, w - r), 256, c.Start); });
            var t3 = ThreadClock.Quartile(() => Packing.PackTransposed(a.Start, 256, 256, w, c.Start));
            var t4 = ThreadClock.Quartile(() => Buffer.MemoryCopy(a.Start, c.Start, 4L * 2048 * w, 4L * 2048 * w));
            Console.WriteLine($"w {w}: PackRows {t * 1e9 / 2048 / w:F3} ns/el  PackLeft {t2 * 1e9 / 2048 / w:F3} transposed {t3 * 1e9 / 256 / w:F3} memcpy {t4 * 1e9 / 2048 / w:F3}");
        }
    }
}
