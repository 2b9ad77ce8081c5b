using System.IO.Hashing;
using System.Runtime.InteropServices;
using Electra.FineTuning.Tasks;
using Electra.Randomness;

namespace Electra.FineTuning;

/// <summary>
/// A training set as rows for the encoder, in batches whose order is a pure function of (seed, epoch): examples are permuted, a few batches'
/// worth of them is sorted by length so that little is padded, and the batches of such a pool are permuted again.
/// </summary>
/// <remarks>An example is a row, or all windows of a text whose windows share one label.</remarks>
public sealed class TrainingRows
{
    /// <summary>Batches that are sorted by length together: enough for rows of a batch to be alike, few enough for batches to stay mixed.</summary>
    const int PoolBatches = 8;

    readonly IReadOnlyList<EncodedExample> _rows;
    readonly (int First, int Count)[] _units;
    readonly ulong _seed;
    readonly int _batchSize;
    (int Epoch, int[][] Batches) _epoch = (-1, []);

    /// <param name="rows">The encoded training set; windows of one example stand together.</param>
    /// <param name="sharesLabel">True if all windows of an example have one label between them.</param>
    /// <param name="batchSize">Examples of a batch.</param>
    /// <param name="seed">Of the order.</param>
    /// <exception cref="InvalidDataException">There are no rows.</exception>
    public TrainingRows(IReadOnlyList<EncodedExample> rows, bool sharesLabel, int batchSize, ulong seed)
    {
        if (rows.Count == 0) throw new InvalidDataException("The training set has no example that can be learnt from.");
        (_rows, _batchSize, _seed) = (rows, batchSize, seed);
        _units = [.. UnitsOf(rows, sharesLabel)];
        BatchesPerEpoch = (_units.Length + batchSize - 1) / batchSize;
    }

    /// <summary>Examples, or rows where each has its own label.</summary>
    public int NumExamples => _units.Length;

    /// <summary>Batches of an epoch; the last one may be smaller.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>The rows of a batch.</summary>
    /// <param name="epoch">Passes over the set begun before.</param>
    /// <param name="index">The batch's number in the epoch.</param>
    public IReadOnlyList<EncodedExample> Batch(int epoch, long index)
    {
        if (_epoch.Epoch != epoch) _epoch = (epoch, OrderOf(epoch));
        var rows = new List<EncodedExample>();
        foreach (var unit in _epoch.Batches[index])
            for (var i = 0; i < _units[unit].Count; i++) rows.Add(_rows[_units[unit].First + i]);
        return rows;
    }

    /// <summary>A hash of all ids and labels: what must be equal for a run to go on.</summary>
    public string Identity
    {
        get
        {
            var hash = new XxHash128();
            foreach (var row in _rows)
            {
                hash.Append(MemoryMarshal.AsBytes<int>(row.Text.Ids));
                hash.Append(row.Text.TokenTypes);
                hash.Append(MemoryMarshal.AsBytes<int>([row.Length, row.Class, row.Start, row.End]));
                hash.Append(MemoryMarshal.AsBytes<int>(row.TokenLabels));
                hash.Append(MemoryMarshal.AsBytes<float>(row.Targets));
            }
            return Convert.ToHexStringLower(hash.GetCurrentHash());
        }
    }

    int[][] OrderOf(int epoch)
    {
        var order = new KeyedPermutation(_units.Length, _seed, (ulong)epoch);
        var units = Enumerable.Range(0, _units.Length).Select(i => (int)order[i]).ToArray();
        var batches = new List<int[]>();
        foreach (var pool in units.Chunk(_batchSize * PoolBatches))
        {
            // The sort is stable: examples of one length keep the permutation's order.
            var sorted = pool.OrderBy(LengthOf).Chunk(_batchSize).ToArray();
            var places = new KeyedPermutation(sorted.Length, _seed, ((ulong)batches.Count << 32) ^ (uint)epoch ^ (1UL << 63));
            for (var i = 0; i < sorted.Length; i++) batches.Add(sorted[places[i]]);
        }
        return [.. batches];
    }

    int LengthOf(int unit)
    {
        var longest = 0;
        for (var i = 0; i < _units[unit].Count; i++) longest = Math.Max(longest, _rows[_units[unit].First + i].Length);
        return longest;
    }

    static IEnumerable<(int First, int Count)> UnitsOf(IReadOnlyList<EncodedExample> rows, bool sharesLabel)
    {
        for (int first = 0, end; first < rows.Count; first = end)
        {
            for (end = first + 1; sharesLabel && end < rows.Count && rows[end].Window > 0; end++) { }
            yield return (first, end - first);
        }
    }
}
