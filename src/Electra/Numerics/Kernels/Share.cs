namespace Electra.Numerics.Kernels;

/// <summary>A range [First, End) of rows, positions or features.</summary>
readonly record struct Share(int First, int End)
{
    public int Count => End - First;

    /// <summary>The part of one worker among several; parts follow each other and differ by at most <paramref name="step"/>.</summary>
    /// <param name="step">Parts begin at multiples of this, counted from <see cref="First"/>.</param>
    public Share Part(int worker, int workers, int step = 1)
    {
        var (first, end, steps) = (First, End, ((long)Count + step - 1) / step);
        return new(Bound(worker), Bound(worker + 1));

        int Bound(int index) => (int)Math.Min(end, first + steps * index / workers * step);
    }
}
