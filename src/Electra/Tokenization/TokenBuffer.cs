namespace Electra.Tokenization;

/// <summary>A growing list of token ids that is cleared and used again, so that encoding allocates nothing.</summary>
public sealed class TokenBuffer(int capacity = 256)
{
    int[] _ids = new int[Math.Max(capacity, 4)];

    /// <summary>Number of ids.</summary>
    public int Count { get; private set; }

    /// <summary>The ids; valid until the next change.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Appends one id.</summary>
    public void Add(int id)
    {
        if (Count == _ids.Length) Array.Resize(ref _ids, _ids.Length * 2);
        _ids[Count++] = id;
    }

    /// <summary>Room for <paramref name="extra"/> more ids at the end, to be filled and then claimed by <see cref="Advance"/>.</summary>
    public Span<int> GetSpan(int extra)
    {
        if (Count + extra > _ids.Length) Array.Resize(ref _ids, Math.Max(_ids.Length * 2, Count + extra));
        return _ids.AsSpan(Count);
    }

    /// <summary>Claims <paramref name="count"/> ids written into <see cref="GetSpan"/>.</summary>
    public void Advance(int count) => Count += count;

    /// <summary>Forgets all ids and keeps the memory.</summary>
    public void Clear() => Count = 0;

    /// <summary>Forgets the ids after the first <paramref name="count"/>.</summary>
    public void Truncate(int count) => Count = Math.Min(Count, count);
}
