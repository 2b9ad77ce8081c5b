using System.IO.Hashing;

namespace Electra.Tokenization;

/// <summary>How often each word was seen: a hash table over UTF-8 bytes, without an object per word.</summary>
sealed class WordCounts
{
    const int FirstCapacity = 1 << 12;

    byte[] _text = new byte[FirstCapacity * 8];
    Entry[] _entries = new Entry[FirstCapacity];
    int[] _slots = new int[FirstCapacity * 2]; // number of the entry + 1; 0 is free
    int _textLength;

    struct Entry
    {
        public ulong Hash;
        public int Start, Length;
        public long Count;
    }

    /// <summary>Number of distinct words.</summary>
    public int Distinct { get; private set; }

    /// <summary>Number of words, each as often as it was seen.</summary>
    public long Total { get; private set; }

    /// <summary>The word at <paramref name="index"/>, in the order of first sight.</summary>
    public ReadOnlySpan<byte> Word(int index) => _text.AsSpan(_entries[index].Start, _entries[index].Length);

    /// <summary>How often the word at <paramref name="index"/> was seen.</summary>
    public long Count(int index) => _entries[index].Count;

    /// <summary>Counts a word <paramref name="times"/> times more.</summary>
    public void Add(ReadOnlySpan<byte> word, long times = 1) => Add(word, XxHash3.HashToUInt64(word), times);

    /// <summary>Adds all counts of <paramref name="other"/>.</summary>
    public void Add(WordCounts other)
    {
        for (var index = 0; index < other.Distinct; index++) Add(other.Word(index), other._entries[index].Hash, other._entries[index].Count);
    }

    /// <summary>The words seen more than <paramref name="count"/> times.</summary>
    public WordCounts MoreFrequentThan(long count)
    {
        var kept = new WordCounts();
        for (var index = 0; index < Distinct; index++)
            if (_entries[index].Count > count) kept.Add(Word(index), _entries[index].Hash, _entries[index].Count);
        return kept;
    }

    void Add(ReadOnlySpan<byte> word, ulong hash, long times)
    {
        Total += times;
        var slot = Find(word, hash);
        if (_slots[slot] > 0)
        {
            _entries[_slots[slot] - 1].Count += times;
            return;
        }
        if (Distinct == _entries.Length)
        {
            Grow();
            slot = Find(word, hash);
        }
        if (_textLength + word.Length > _text.Length) Array.Resize(ref _text, checked(Math.Max(_text.Length * 2, _textLength + word.Length)));
        word.CopyTo(_text.AsSpan(_textLength));
        _entries[Distinct] = new Entry { Hash = hash, Start = _textLength, Length = word.Length, Count = times };
        _slots[slot] = ++Distinct;
        _textLength += word.Length;
    }

    int Find(ReadOnlySpan<byte> word, ulong hash)
    {
        var slot = (int)(hash & (uint)(_slots.Length - 1));
        while (_slots[slot] > 0)
        {
            ref var entry = ref _entries[_slots[slot] - 1];
            if (entry.Hash == hash && word.SequenceEqual(_text.AsSpan(entry.Start, entry.Length))) break;
            slot = (slot + 1) & (_slots.Length - 1);
        }
        return slot;
    }

    void Grow()
    {
        Array.Resize(ref _entries, _entries.Length * 2);
        _slots = new int[_entries.Length * 2];
        for (var index = 0; index < Distinct; index++)
        {
            var slot = (int)(_entries[index].Hash & (uint)(_slots.Length - 1));
            while (_slots[slot] > 0) slot = (slot + 1) & (_slots.Length - 1);
            _slots[slot] = index + 1;
        }
    }
}
