using Electra.FineTuning.Tasks;
using Electra.Model;
using static TorchSharp.torch;

namespace Electra.FineTuning;

/// <summary>Runs rows through a network, those of like length together, and gives the outputs in the rows' order.</summary>
/// <param name="network">The network.</param>
/// <param name="objective">Reads its outputs.</param>
/// <param name="finished">The name of a finished model, whose outputs must be numbers; null of one in training, which may have none for a while.</param>
sealed class RowScorer(PretrainedNetwork network, ITaskObjective objective, string? finished = null)
{
    /// <summary>Enough for large matrix products, few enough for activations to stay in the cache.</summary>
    const int TokensAtOnce = 4096, RowsAtOnce = 128;

    /// <summary>The network's outputs for each row.</summary>
    /// <param name="rows">Any number.</param>
    /// <param name="cancellation">Asked between batches.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InvalidDataException">A finished model gives something else than numbers.</exception>
    public WindowScores[] Score(IReadOnlyList<EncodedExample> rows, CancellationToken cancellation = default)
    {
        var scores = new WindowScores[rows.Count];
        var order = Enumerable.Range(0, rows.Count).OrderBy(row => rows[row].Length).ToArray();
        using var noGradient = no_grad();
        for (int first = 0, end; first < order.Length; first = end)
        {
            cancellation.ThrowIfCancellationRequested();
            for (end = first + 1; end < order.Length && end - first < RowsAtOnce && (end - first + 1) * rows[order[end]].Length <= TokensAtOnce; end++) { }
            using var scope = NewDisposeScope();
            var chosen = order[first..end].Select(row => rows[row]).ToList();
            var batch = Pad(chosen, network.Config.Encoder.PadTokenId);
            var read = objective.Read(network.Forward(batch), batch, chosen);
            if (finished is not null && !Array.TrueForAll([.. read], each => each.AreNumbers))
                throw new InvalidDataException($"{finished}: what the model says is no number. Its weights are damaged, or it was fine-tuned at too high a rate.");
            for (var i = first; i < end; i++) scores[order[i]] = read[i - first];
        }
        return scores;
    }

    /// <summary>Rows as one batch, padded to the longest.</summary>
    public static TokenBatch Pad(IReadOnlyList<EncodedExample> rows, int paddingId) => TokenBatch.Pad(
        [.. rows.Select(row => row.Text.Ids)], [.. rows.Select(row => Array.ConvertAll(row.Text.TokenTypes, type => (int)type))], paddingId);
}
