namespace Electra.Tokenization;

/// <summary>Lends each caller an encoder of its own, so that a tokenizer serves many threads while its encoders serve one each.</summary>
sealed class EncoderPool<T>(Func<T> create) where T : class
{
    readonly T?[] _idle = new T?[Environment.ProcessorCount * 2];

    /// <summary>An encoder nobody else holds; give it back with <see cref="Return"/>.</summary>
    public T Rent()
    {
        for (var i = 0; i < _idle.Length; i++)
            if (Interlocked.Exchange(ref Slot(i), null) is { } encoder) return encoder;
        return create();
    }

    /// <summary>Takes an encoder back; one too many is dropped.</summary>
    public void Return(T encoder)
    {
        for (var i = 0; i < _idle.Length; i++)
            if (Interlocked.CompareExchange(ref Slot(i), encoder, null) is null) return;
    }

    // A thread looks in its own place first and finds the words it knows.
    ref T? Slot(int attempt) => ref _idle[(Environment.CurrentManagedThreadId + attempt) % _idle.Length];
}
