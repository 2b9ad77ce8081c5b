namespace Electra.Tokenization;

/// <summary>Lends each caller an encoder of its own, so that a tokenizer serves many threads while its encoders serve one each.</summary>
/// <remarks>
/// A thread gets back the encoder it had. Two threads that take turns with two encoders are hardly faster than one:
/// each finds its words in the other core's cache.
/// </remarks>
sealed class EncoderPool<T>(Func<T> create) where T : class
{
    /// <summary>Thread numbers are small and used again, so that places are shared only where more threads than this live.</summary>
    const int NumPlaces = 64;

    /// <summary>References from one place to the next: neighbours in one cache line, which are fetched in pairs, would slow each other down.</summary>
    const int Spacing = 16;

    readonly T?[] _idle = new T?[NumPlaces * Spacing];

    /// <summary>An encoder nobody else holds; give it back with <see cref="Return"/>.</summary>
    public T Rent()
    {
        for (var i = 0; i < NumPlaces; i++)
            if (Interlocked.Exchange(ref Place(i), null) is { } encoder) return encoder;
        return create();
    }

    /// <summary>Takes an encoder back; one too many is dropped.</summary>
    public void Return(T encoder)
    {
        for (var i = 0; i < NumPlaces; i++)
            if (Interlocked.CompareExchange(ref Place(i), encoder, null) is null) return;
    }

    ref T? Place(int attempt) => ref _idle[(Environment.CurrentManagedThreadId + attempt) % NumPlaces * Spacing];
}
