namespace Electra.FineTuning.Tasks;

/// <summary>Where the windows over a long text lie: each <c>stride</c> tokens after the last, until one reaches the end.</summary>
static class WindowPlaces
{
    /// <summary>Start and length of each window over <paramref name="length"/> tokens; one of length 0 over none.</summary>
    public static List<(int Start, int Length)> Of(int length, int room, int stride)
    {
        var places = new List<(int, int)>();
        for (var start = 0; ; start += Math.Min(stride, room))
        {
            places.Add((start, Math.Min(room, length - start)));
            if (start + room >= length) return places;
        }
    }

    /// <summary>
    /// The window that sees most around a token: the smaller of what it has on the left and on the right, plus a hundredth of its length;
    /// the first of equals (google-research/bert).
    /// </summary>
    public static int MaxContext(IReadOnlyList<(int Start, int Length)> places, int token)
    {
        var best = -1;
        var bestScore = double.NegativeInfinity;
        for (var window = 0; window < places.Count; window++)
        {
            var (start, length) = places[window];
            var last = start + length - 1;
            if (token < start || token > last) continue;
            var score = Math.Min(token - start, last - token) + 0.01 * length;
            if (score > bestScore) (best, bestScore) = (window, score);
        }
        return best;
    }
}
