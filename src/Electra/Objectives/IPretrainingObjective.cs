using Electra.Model;
using Electra.Numerics;

namespace Electra.Objectives;

/// <summary>
/// What a run learns: networks, their losses with gradients, and the figures by which one sees how it goes. The loop, its checkpoints and its log
/// know no more than this.
/// </summary>
public interface IPretrainingObjective : IDisposable
{
    /// <summary>Every weight once, and its gradient.</summary>
    ParameterBuffer Parameters { get; }

    /// <summary>The networks, the one that is kept first.</summary>
    IReadOnlyList<ObjectiveNetwork> Networks { get; }

    /// <summary>In what the explicit kernels compute the network that is kept; null where plain torch operations are in use.</summary>
    Precision? KernelPrecision { get; }

    /// <summary>What a training step spends on a row.</summary>
    TrainingCost Cost { get; }

    /// <summary>What multiplies the learning rate of each of the parameters' slots; null for 1 everywhere.</summary>
    IReadOnlyList<double>? RateFactors => null;

    /// <summary>The held-out figure that tells whether anything is learnt.</summary>
    StagnationSign Stagnation { get; }

    /// <summary>Adds the losses of some rows to <paramref name="sums"/> and, in training, their gradients to the parameters'.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="totals">Of the step that the rows are a part of: losses are divided by these, so that rows give the same gradient whatever
    /// micro-batch they come in.</param>
    /// <param name="dropout">Null in evaluation, when no gradient is taken.</param>
    /// <param name="sums">Added to.</param>
    void Accumulate(MaskedBatch batch, StepTotals totals, Dropout? dropout, ObjectiveSums sums);

}

/// <summary>A network of an objective, as it is stored.</summary>
/// <param name="Name">Its folder's name.</param>
/// <param name="Config">Architecture and sizes.</param>
/// <param name="Parameters">Under their Hugging Face names; a shared one stands in each network.</param>
public sealed record ObjectiveNetwork(string Name, NetworkConfig Config, IReadOnlyList<NamedParameter> Parameters)
{
    /// <summary>An ELECTRA encoder with a vocabulary head.</summary>
    internal static ObjectiveNetwork LanguageModel(string name, Generator network) =>
        new(name, new NetworkConfig(Architecture.Of(EncoderFamily.Electra, HeadKind.MaskedLanguageModel), network.Encoder.Config), network.Parameters);

    /// <summary>A rate of its own for the generator's own weights, which the buffer holds under that prefix; null if it is everyone's.</summary>
    internal static IReadOnlyList<double>? RateFactors(ParameterBuffer parameters, double generatorFactor) => generatorFactor == 1
        ? null
        : [.. parameters.Slots.Select(slot => slot.Parameter.Name.StartsWith("generator.", StringComparison.Ordinal) ? generatorFactor : 1)];
}

/// <summary>How one sees that a network learns nothing.</summary>
/// <param name="Metric">A held-out figure.</param>
/// <param name="Poor">Below this it is no better than a guess.</param>
/// <param name="Meaning">What then is the matter, for a warning.</param>
public sealed record StagnationSign(string Metric, double Poor, string Meaning);
