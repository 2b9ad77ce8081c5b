using Electra.Model;
using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.Objectives;

// Shapes: B rows, T tokens, H hidden, M chosen positions, V vocabulary.

/// <summary>
/// Guesses hidden tokens (Devlin et al. 2019, section 3.1; without next sentences, Liu et al. 2019) and, with BERT's head, says whether the
/// second part of a pair follows the first. The loss is the sum of the two means: over the chosen positions, and over the rows.
/// </summary>
/// <param name="network">With a head for tokens, or for tokens and next sentences; released with the objective.</param>
/// <param name="config">What it costs.</param>
public sealed class MaskedLanguageModelling(PretrainedNetwork network, MaskedLanguageModellingConfig config) : IPretrainingObjective
{
    readonly BertPretrainingHead? _pairHead = network.Head as BertPretrainingHead;

    public ParameterBuffer Parameters => network.Flatten();

    public IReadOnlyList<ObjectiveNetwork> Networks { get; } = [new("model", network.Config, network.Parameters)];

    public Precision? KernelPrecision => network.Encoder.KernelPrecision;

    // A model that always says the most frequent token is right about one time in twenty.
    public StagnationSign Stagnation { get; } = new("mlm_accuracy", 0.02, "the model does not learn to guess hidden tokens");

    public TrainingCost Cost { get; } = config.Cost(network.Config.Encoder, generator: null);

    public void Accumulate(MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
    {
        if (_pairHead is not null && batch.IsNextSentence.Count != batch.Original.NumRows)
            throw new ArgumentException("Next sentence prediction needs rows that are pairs.");
        sums.NumTokens += batch.Original.NumTokens;
        sums.NumTargets += batch.Positions.Length;
        if (network.PretrainingKernels is { } kernels) AccumulateByKernels(kernels, batch, totals, dropout, sums);
        else AccumulateByTorch(batch, totals, dropout, sums);
    }

    public void Dispose() => network.Dispose();

    /// <summary>By torch operations: the oracle, and the path of every device and precision the kernels do not serve.</summary>
    void AccumulateByTorch(MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
    {
        using var gradient = set_grad_enabled(dropout is not null);
        using var scope = NewDisposeScope();
        var device = network.Encoder.WordTable.device;
        var positions = TensorMemory.Indices(batch.Positions, device, batch.Positions.Length);
        var targets = TensorMemory.Indices(batch.Targets, device, batch.Targets.Length);

        var hidden = network.Encoder.Forward(batch.Masked, dropout);                              // (B, T, H)
        var guesses = network.TokenLogits(hidden.flatten(0, 1).index_select(0, positions));       // (M, V)
        var loss = nn.functional.cross_entropy(guesses, targets, reduction: nn.Reduction.Sum);
        var total = loss / totals.NumMasked;
        if (_pairHead is not null) total += PairLoss(_pairHead, hidden.select(1, 0), batch, totals, sums);
        if (dropout is not null) total.backward();
        Add(batch, loss.item<float>(), guesses.detach().argmax(1).eq(targets).sum().item<long>(), sums);
    }

    /// <summary>The same by explicit kernels; the head of pairs, a product of (B, H), stays torch's.</summary>
    void AccumulateByKernels(MaskedLanguageModelKernels kernels, MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
    {
        using var gradient = set_grad_enabled(dropout is not null);
        using var scope = NewDisposeScope();
        kernels.Forward(batch.Masked, dropout);
        var guesses = kernels.PredictTokens(batch.Positions, batch.Targets, 1.0 / totals.NumMasked);
        if (_pairHead is not null)
        {
            int[] starts = [.. Enumerable.Range(0, batch.Original.NumRows).Select(row => row * batch.Original.MaxLength)];
            var first = kernels.HiddenStates(starts).requires_grad_(dropout is not null);         // (B, H)
            var pairLoss = PairLoss(_pairHead, first, batch, totals, sums);
            if (dropout is not null)
            {
                pairLoss.backward();
                kernels.AddGradient(starts, first.grad!); // a leaf has one after backward
            }
        }
        if (dropout is not null) kernels.Backward();
        Add(batch, guesses.LossSum, guesses.NumCorrect, sums);
    }

    /// <summary>This part's share of the mean loss over all pairs of the step.</summary>
    static Tensor PairLoss(BertPretrainingHead head, Tensor first, MaskedBatch batch, StepTotals totals, ObjectiveSums sums)
    {
        var logits = head.NextSentenceLogits(first);                                              // (B, 2)
        var labels = TensorMemory.Indices([.. batch.IsNextSentence.Select(isNext => isNext ? 0 : 1)], logits.device, batch.IsNextSentence.Count);
        var loss = nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.Sum);
        sums.AddLoss("nsp_loss", 1, loss.item<float>(), batch.IsNextSentence.Count);
        sums.AddShare("nsp_accuracy", logits.detach().argmax(1).eq(labels).sum().item<long>(), batch.IsNextSentence.Count);
        return loss / totals.NumRows;
    }

    static void Add(MaskedBatch batch, double loss, long numGuessed, ObjectiveSums sums)
    {
        sums.AddLoss("mlm_loss", 1, loss, batch.Positions.Length);
        sums.AddShare("mlm_accuracy", numGuessed, batch.Positions.Length);
    }
}
