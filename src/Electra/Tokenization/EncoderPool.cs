namespace Electra.Tokenization;

/// <summary>Lends each caller an encoder of its own, so that a tokenizer serves many threads while its encoders serve one each.</summary>
sealed class EncoderPool<T>(Func<T> create) where T : class
{
    readonly T?[] _idle = new T?[Environment.ProcessorCount * 2];

    /// <summary>An encoder nobody else holds; give it back with <see cref="Return"/>.</summary>
    public T Rent() => Interlocked.Exchange(ref Slot, null) ?? create();

    /// <summary>Takes an encoder back; a surplus one is dropped.</summary>
    public void Return(T encoder) => Volatile.Write(ref Slot, encoder);

    // A thread comes back to the same slot and finds what it knows.
    ref T? Slot => ref _idle[Environment.CurrentManagedThreadId % _idle.Length];
}
