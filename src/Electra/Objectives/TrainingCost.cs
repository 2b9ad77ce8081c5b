using Electra.Model;

namespace Electra.Objectives;

/// <summary>Floating point operations that a training step spends on a row, part by part, by the rules of <see cref="ForwardFlops"/>.</summary>
/// <param name="Parts">In the order of the pass.</param>
public sealed record TrainingCost(IReadOnlyList<CostPart> Parts)
{
    /// <summary>Of a row of <paramref name="length"/> tokens of which <paramref name="numMasked"/> are chosen.</summary>
    public double Of(int length, int numMasked) => Parts.Sum(part => Of(part, length, numMasked));

    /// <summary>Of a full row of <paramref name="length"/> tokens, as google-research/electra counts.</summary>
    public double AsPublished(int length) => PublishedFlops.TrainingFactor * Parts.Sum(part => part.Published(length));

    /// <summary>Of one part.</summary>
    public static double Of(CostPart part, int length, int numMasked) => ForwardFlops.TrainingFactor * part.Forward(length, numMasked);
}

/// <summary>One network or head.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Forward">Operations of its forward pass, from the tokens of a row and the chosen ones among them.</param>
/// <param name="Published">The same of a full row as google-research/electra counts.</param>
public sealed record CostPart(string Name, Func<int, int, double> Forward, Func<int, double> Published)
{
    /// <summary>An encoder over all tokens.</summary>
    public static CostPart Encoder(string name, EncoderConfig config) =>
        new(name, (length, _) => ForwardFlops.Encoder(config, length), length => PublishedFlops.Encoder(config, length));

    /// <summary>A vocabulary head at the chosen tokens.</summary>
    public static CostPart TokenHead(string name, EncoderConfig config) =>
        new(name, (_, numMasked) => ForwardFlops.MaskedLanguageModelHead(config, numMasked), length => PublishedFlops.MaskedLanguageModelHead(config, length));
}
