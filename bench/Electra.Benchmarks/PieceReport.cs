using Electra.Numerics;

namespace Electra.Benchmarks;

/// <summary>One kernel of a step.</summary>
/// <param name="Part">The line it is added to.</param>
/// <param name="Amount">Operations of products, or numbers, in a step.</param>
/// <param name="SampleAmount">The same in one call of <paramref name="Run"/>.</param>
/// <param name="Run">The kernel itself on one thread.</param>
/// <param name="Prepare">Restores what a call overwrites; not timed.</param>
sealed record Piece(string Part, double Amount, double SampleAmount, Action Run, Action? Prepare = null)
{
    /// <summary>True for matrix products, whose amount is counted in operations.</summary>
    public bool IsProduct { get; init; }
}

/// <summary>
/// The quick start's step kernel by kernel in bfloat16: how much a step of full rows has of each, and how long it takes with everything in the
/// caches. The sum is a floor: the generator's encoder, which is float32, the softmax of attention, batches and waiting are left out.
/// </summary>
static class PieceReport
{
    /// <summary>The runtime compiles a method in haste first, and well when it has run for a while.</summary>
    const double WarmUpSeconds = 0.25;

    public static void Print()
    {
        if (!BFloat16Product.IsAvailable)
        {
            Console.WriteLine("pieces: this processor does not multiply bfloat16, which the quick start's kernels do.");
            return;
        }
        var (size, workers) = (StepSize.Of("quickstart"), Environment.ProcessorCount);
        using var products = new ProductPieces(size, workers);
        using var vocabulary = new VocabularyPieces(size);
        using var layers = new LayerPieces(size, workers);
        Console.WriteLine($"quick start: {size.Rows} x {size.RowTokens} tokens, {size.NumMasked} masked, vocabulary {StepSize.Vocabulary:N0}, {size.NumParameters / 1e6:F1} M parameters; {size.Flops / 1e9:F2} GFLOP a step");
        Console.WriteLine($"processor time of a core, lower quartile of 25 calls; ms of {workers} cores at that rate\n");
        Console.WriteLine("| part of the step | amount | rate of a core | ms |\n|---|---|---|---|");
        var sum = 0.0;
        foreach (var part in products.All().Concat(vocabulary.All()).Concat(layers.All()).GroupBy(piece => piece.Part))
        {
            var (amount, seconds) = (part.Sum(piece => piece.Amount), part.Sum(piece => piece.Amount / piece.SampleAmount * SecondsOf(piece)));
            sum += seconds / workers;
            Console.WriteLine(part.First().IsProduct
                ? $"| {part.Key} | {amount / 1e9:F2} GFLOP | {amount / seconds / 1e9:F0} GFLOP/s | {seconds / workers * 1e3:F2} |"
                : $"| {part.Key} | {amount / 1e6:F2} M | {seconds / amount * 1e9:F3} ns | {seconds / workers * 1e3:F2} |");
        }
        Console.WriteLine($"| **sum** | | | **{sum * 1e3:F1}** |");
    }

    static double SecondsOf(Piece piece)
    {
        for (var start = ThreadClock.Seconds; ThreadClock.Seconds - start < WarmUpSeconds;)
        {
            piece.Prepare?.Invoke();
            piece.Run();
        }
        return ThreadClock.Quartile(piece.Run, piece.Prepare);
    }
}
