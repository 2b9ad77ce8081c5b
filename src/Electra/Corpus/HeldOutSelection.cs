namespace Electra.Corpus;

/// <summary>
/// Decides which documents are held out: those whose hash(text, seed) lies under the fraction; where these have fewer than 20,000 tokens,
/// more documents in the order of their hashes until they have, or until a tenth of the corpus is held out. So equal texts are never on both sides.
/// </summary>
sealed class HeldOutSelection
{
    const long WantedTokens = 20_000;
    const int LargestShare = 10;

    /// <summary>Documents over the fraction with the smallest hashes: as few as have the wanted tokens, so memory is flat.</summary>
    readonly SortedSet<ulong> _next = [];
    readonly Dictionary<ulong, long> _tokensOf = [];
    long _tokensOfNext;
    long _heldOutTokens, _totalTokens, _numDocuments;

    /// <param name="fraction">Share of documents to hold out, 0 to 0.5.</param>
    public HeldOutSelection(double fraction) => Fraction = (ulong)(fraction * Math.Pow(2, 64));

    /// <summary>The hash under which documents are held out by the fraction alone.</summary>
    public ulong Fraction { get; }

    /// <summary>Takes note of a document.</summary>
    public void Add(ulong hash, long numTokens)
    {
        _numDocuments++;
        _totalTokens += numTokens;
        if (hash < Fraction)
        {
            _heldOutTokens += numTokens;
            return;
        }
        if (_tokensOfNext >= WantedTokens && hash > _next.Max) return; // nearly every document of a large corpus
        _next.Add(hash);
        _tokensOf[hash] = _tokensOf.GetValueOrDefault(hash) + numTokens;
        _tokensOfNext += numTokens;
        while (_next.Count > 1 && _tokensOfNext - _tokensOf[_next.Max] >= WantedTokens)
        {
            _tokensOf.Remove(_next.Max, out var tokens);
            _tokensOfNext -= tokens;
            _next.Remove(_next.Max);
        }
    }

    /// <summary>The hash under which documents are held out.</summary>
    /// <exception cref="InvalidDataException">There are no two different documents.</exception>
    public ulong FindCutoff()
    {
        if (_numDocuments < 2)
            throw new InvalidDataException("The corpus is one document, so none can be held out to measure on. A blank line ends a document in text files; or name a validation corpus (--validation).");

        var (cutoff, heldOut) = (Fraction, _heldOutTokens);
        var wanted = Math.Min(WantedTokens, _totalTokens / LargestShare);
        foreach (var hash in _next)
        {
            // Never more than half, unless it is the first: a long document may weigh as much as all others.
            if (heldOut > 0 && (heldOut >= wanted || heldOut + _tokensOf[hash] > _totalTokens / 2)) break;
            heldOut += _tokensOf[hash];
            cutoff = hash + 1;
        }
        if (heldOut == _totalTokens)
            throw new InvalidDataException($"All {_numDocuments:N0} documents of the corpus would be held out: they are too few or their texts are equal. Add documents, or name a validation corpus (--validation).");
        return cutoff;
    }
}
