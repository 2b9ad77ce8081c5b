using System.Diagnostics;
using Electra.Evaluation;
using static TorchSharp.torch;

namespace Electra.Numerics;

/// <summary>
/// How fast this machine multiplies matrices: the measure that a training step's speed is divided by.
/// A linear layer (4096 x 768) by (768 x 3072) on random normal operands, the feed-forward product of a base model.
/// </summary>
public static class GemmRate
{
    const int Rows = 4096, Inputs = 768, Outputs = 3072;

    /// <summary>A machine so slow or so busy that the products take longer is measured by fewer of them.</summary>
    const double PatienceInSeconds = 5;
    const int FewestRepetitions = 3;

    /// <summary>On a GPU a product takes as long as it takes to ask for one: so many are asked for before their end is waited for.</summary>
    const int ProductsAtOnce = 50;

    /// <summary>On a processor the larger of one product over all threads and the sum of one product per thread at the same time, on a GPU one product after the other; medians after warm-up.</summary>
    /// <param name="precision">Of the operands.</param>
    /// <param name="repetitions">Products in each median; fewer, but at least three, once five seconds have gone by.</param>
    /// <param name="rows">Fewer where the format is emulated and one product takes seconds.</param>
    /// <returns>10^9 floating-point operations a second, a multiplication and an addition counted as two.</returns>
    public static double Measure(Precision precision, int repetitions = 20, int rows = Rows)
    {
        TorchLibrary.EnsureLoaded();
        var threads = get_num_threads();
        double together = 0, apart = 0;
        // In a thread of its own: the number of threads that an operation takes belongs to the thread that asks.
        OnThreads(1, _ =>
        {
            set_num_threads(threads);
            together = MeasureTogether(precision, repetitions, rows);
            if (threads == 1 || ComputeDevice.IsGpu) return;
            apart = MeasureApart(precision, repetitions, rows, threads);
            // What was set last is also what threads started later begin with.
            set_num_threads(threads);
        });
        return Math.Max(together, apart);
    }

    static double MeasureTogether(Precision precision, int repetitions, int rows)
    {
        using var product = new Product(precision, rows);
        product.Run();
        var clock = Stopwatch.StartNew();
        var rates = new List<double>();
        while (rates.Count < repetitions && !IsEnough(rates.Count, clock)) rates.Add(product.Run());
        return Statistics.Median([.. rates]);
    }

    static double MeasureApart(Precision precision, int repetitions, int rows, int threads)
    {
        var rates = new double[threads];
        var sums = new List<double>();
        var clock = Stopwatch.StartNew();
        var isDone = false;
        // Between two products of all threads one of them adds up the last one's rates and decides for all.
        using var barrier = new Barrier(threads, _ =>
        {
            sums.Add(rates.Sum());
            isDone = sums.Count > repetitions || IsEnough(sums.Count - 1, clock);
        });
        OnThreads(threads, thread =>
        {
            set_num_threads(1);
            using var product = new Product(precision, rows);
            while (!isDone)
            {
                rates[thread] = product.Run();
                barrier.SignalAndWait();
            }
        });
        return Statistics.Median([.. sums.Skip(1)]); // The first is the warm-up.
    }

    static bool IsEnough(int repetitions, Stopwatch clock) => repetitions >= FewestRepetitions && clock.Elapsed.TotalSeconds > PatienceInSeconds;

    static void OnThreads(int count, Action<int> work)
    {
        var threads = Enumerable.Range(0, count).Select(i => new Thread(() => work(i)) { IsBackground = true }).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
    }

    /// <summary>One product with operands of its own.</summary>
    sealed class Product(Precision precision, int rows) : IDisposable
    {
        readonly Tensor _input = Normal(rows, Inputs, precision);       // (rows, in)
        readonly Tensor _weight = Normal(Outputs, Inputs, precision);   // (out, in)

        /// <summary>Multiplies once and returns 10^9 operations a second.</summary>
        public double Run()
        {
            using var noGradient = no_grad();
            var count = ComputeDevice.IsGpu ? ProductsAtOnce : 1;
            ComputeDevice.Synchronize();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++) nn.functional.linear(_input, _weight).Dispose();
            ComputeDevice.Synchronize();
            return 2.0 * count * rows * Inputs * Outputs / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
        }

        public void Dispose()
        {
            _input.Dispose();
            _weight.Dispose();
        }

        static Tensor Normal(long rows, long columns, Precision precision)
        {
            using var generator = new Generator(0);
            using var values = randn([rows, columns], generator: generator);
            return values.to(precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32, ComputeDevice.InUse, copy: true);
        }
    }
}
