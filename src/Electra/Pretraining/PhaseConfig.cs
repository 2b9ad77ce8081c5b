namespace Electra.Pretraining;

/// <summary>A stretch of a run with batches of its own, such as BERT's first nine tenths at 128 tokens. What it leaves out is the recipe's <c>batch</c>.</summary>
/// <param name="Share">Of the run's steps or budget; the shares of all phases add up to 1.</param>
/// <param name="Length">Tokens of an example.</param>
/// <param name="Size">Examples in one step.</param>
/// <param name="MicroBatch">Examples that go through the networks at once.</param>
public sealed record PhaseConfig(double Share, int? Length = null, int? Size = null, int? MicroBatch = null);
