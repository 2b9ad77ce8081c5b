using Electra.Model;
using Electra.Numerics;
using Electra.Numerics.Kernels;
using static TorchSharp.torch;

namespace Electra.Objectives;

// Shapes: B rows, T tokens, H hidden, M chosen positions, n real tokens, V vocabulary.

/// <summary>
/// Replace MLM and All-Tokens MLM (Clark et al. 2020, section 3.3): as in replaced token detection a generator's samples stand in place of hidden
/// tokens, but the network that is kept guesses the original tokens, at the chosen positions or everywhere. Everywhere it has a copy gate:
/// p(x_t) = d [x_t stands there] + (1 - d) softmax(x_t), where d = sigmoid(w h_t + b).
/// </summary>
/// <param name="pair">Both networks; released with the objective.</param>
/// <param name="config">Weights and temperature.</param>
public sealed class ReplacedLanguageModelling(LanguageModelPair pair, ReplacedLanguageModellingConfig config) : IPretrainingObjective
{
    public ParameterBuffer Parameters => pair.Parameters;

    public IReadOnlyList<ObjectiveNetwork> Networks { get; } =
    [
        ObjectiveNetwork.LanguageModel("model", pair.Model),
        ObjectiveNetwork.LanguageModel("generator", pair.Generator),
    ];

    public Precision? KernelPrecision => pair.Model.Encoder.KernelPrecision;

    public IReadOnlyList<double>? RateFactors { get; } = ObjectiveNetwork.RateFactors(pair.Parameters, config.GeneratorRateFactor);

    public StagnationSign Stagnation { get; } = new("mlm_accuracy", 0.02, "the model does not learn to guess replaced tokens");

    public TrainingCost Cost { get; } = config.Cost(pair.Model.Encoder.Config, pair.Generator.Encoder.Config);

    public void Accumulate(MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
    {
        sums.NumTokens += batch.Original.NumTokens;
        sums.NumTargets += config.PredictsAllTokens ? batch.Original.NumTokens : batch.Positions.Length;
        if (pair.Kernels is { } kernels) AccumulateByKernels(kernels.Model, kernels.Generator, batch, totals, dropout, sums);
        else AccumulateByTorch(batch, totals, dropout, sums);
    }

    public void Dispose() => pair.Dispose();

    /// <summary>The paper's formulas by torch operations: the oracle, and the path of every device and precision the kernels do not serve.</summary>
    void AccumulateByTorch(MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
    {
        using var gradient = set_grad_enabled(dropout is not null);
        using var scope = NewDisposeScope();
        var device = pair.Model.Encoder.WordTable.device;
        var chosen = TensorMemory.Indices(batch.Positions, device, batch.Positions.Length);
        var targets = TensorMemory.Indices(batch.Targets, device, batch.Targets.Length);

        // 1. The generator guesses the hidden tokens, and samples of its guesses take their place.
        var guesses = pair.Generator.Forward(batch.Masked, chosen, dropout);                      // (M, V)
        var generatorLoss = nn.functional.cross_entropy(guesses, targets, reduction: nn.Reduction.Sum);
        var sampled = batch.Replacements ?? TokenReplacement.Sample(guesses, batch.Draws, config.Temperature);
        var (corrupted, isReplaced) = TokenReplacement.Apply(batch.Original, batch.Positions, sampled);

        // 2. The model guesses the original tokens.
        var hidden = pair.Model.Encoder.Forward(corrupted, dropout).flatten(0, 1);                // (B * T, H)
        var logits = pair.Model.TokenLogits(hidden.index_select(0, chosen));                      // (M, V)
        var loss = nn.functional.cross_entropy(logits, targets, reduction: nn.Reduction.Sum);
        if (pair.CopyGate is not null) loss = AllTokensLoss(pair.CopyGate, hidden, batch.Original, isReplaced);

        if (dropout is not null) (generatorLoss * (config.GeneratorWeight / totals.NumMasked) + loss / Divisor(totals)).backward();
        Add(batch, sums, generatorLoss.item<float>(), Correct(guesses), loss.item<float>(), Correct(logits));

        long Correct(Tensor predicted) => predicted.detach().argmax(1).eq(targets).sum().item<long>();
    }

    Tensor AllTokensLoss(LinearLayer copyGate, Tensor hidden, TokenBatch original, bool[] isReplaced)
    {
        var real = original.RealPlaces();
        int[] tokens = [.. real.Select(place => original.Ids[place])];
        var states = hidden.index_select(0, TensorMemory.Indices(real, hidden.device, real.Length));           // (n, H)
        var copy = copyGate.Apply(states).sigmoid().squeeze(-1);                                               // (n)
        var softmax = nn.functional.softmax(pair.Model.TokenLogits(states), 1);                                // (n, V)
        var guess = softmax.gather(1, TensorMemory.Indices(tokens, hidden.device, real.Length, 1)).squeeze(-1);
        var standsThere = TensorMemory.Floats([.. real.Select(place => isReplaced[place] ? 0f : 1f)], hidden.device, real.Length);
        return -(copy * standsThere + (1 - copy) * guess).log().sum();
    }

    /// <summary>The same by explicit kernels; the gate, a product with one column, stays torch's.</summary>
    void AccumulateByKernels(
        MaskedLanguageModelKernels model, MaskedLanguageModelKernels generator, MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums)
    {
        var sampling = new TokenSampling([.. batch.Draws.Select(draw => (float)draw)], (float)config.Temperature);
        generator.Forward(batch.Masked, dropout);
        var guesses = generator.PredictTokens(batch.Positions, batch.Targets, config.GeneratorWeight / totals.NumMasked, sampling);
        if (dropout is not null) generator.Backward();
        var (corrupted, isReplaced) = TokenReplacement.Apply(batch.Original, batch.Positions, batch.Replacements ?? guesses.Samples);

        model.Forward(corrupted, dropout);
        var (loss, numCorrect) = pair.CopyGate is null ? PredictChosen() : PredictAll(pair.CopyGate);
        if (dropout is not null) model.Backward();
        Add(batch, sums, guesses.LossSum, guesses.NumCorrect, loss, numCorrect);

        (double Loss, long NumCorrect) PredictChosen()
        {
            var result = model.PredictTokens(batch.Positions, batch.Targets, 1 / Divisor(totals));
            return (result.LossSum, result.NumCorrect);
        }

        (double Loss, long NumCorrect) PredictAll(LinearLayer copyGate)
        {
            using var gradient = set_grad_enabled(dropout is not null);
            using var scope = NewDisposeScope();
            // The chosen ones first: of them the accuracy is told.
            int[] places = [.. batch.Positions.Distinct(), .. batch.Original.RealPlaces().Except(batch.Positions)];
            var numChosen = batch.Positions.Distinct().Count();
            var states = model.HiddenStates(places).requires_grad_(dropout is not null);          // (n, H)
            var gate = copyGate.Apply(states).squeeze(-1);                                        // (n)
            var chances = TensorMemory.ToFloats(gate.sigmoid());
            var chosen = Predict(0, numChosen);
            var others = Predict(numChosen, places.Length);
            if (dropout is not null)
            {
                gate.backward([tensor([.. chosen.Copying.GateGradients, .. others.Copying.GateGradients])]);
                model.AddGradient(places, states.grad!); // a leaf has one after backward
            }
            return (chosen.Result.LossSum + others.Result.LossSum, chosen.Result.NumCorrect);

            (MaskedTokenResult Result, CopyMixture Copying) Predict(int first, int end)
            {
                var copying = new CopyMixture(chances[first..end], [.. places[first..end].Select(place => !isReplaced[place])]);
                return (model.PredictTokens(places[first..end], [.. places[first..end].Select(place => batch.Original.Ids[place])], 1 / Divisor(totals), sampling: null, copying), copying);
            }
        }
    }

    double Divisor(StepTotals totals) => config.PredictsAllTokens ? totals.NumTokens : totals.NumMasked;

    void Add(MaskedBatch batch, ObjectiveSums sums, double generatorLoss, long numGuessed, double loss, long numCorrect)
    {
        sums.AddLoss("generator_loss", config.GeneratorWeight, generatorLoss, batch.Positions.Length);
        sums.AddLoss("mlm_loss", 1, loss, config.PredictsAllTokens ? batch.Original.NumTokens : batch.Positions.Length);
        sums.AddShare("generator_accuracy", numGuessed, batch.Positions.Length);
        sums.AddShare("mlm_accuracy", numCorrect, batch.Positions.Length);
    }
}
