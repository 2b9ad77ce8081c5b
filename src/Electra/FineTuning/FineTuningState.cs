using System.Text.Json.Serialization;

namespace Electra.FineTuning;

/// <summary>All that a run is besides its weights and moments; every random number follows from it and the seed.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">Passes over the training set begun before, from 0.</param>
/// <param name="Index">Batches of this epoch already seen.</param>
/// <param name="NumSkipped">Steps whose update was left out, because a loss or gradient was not finite.</param>
/// <param name="ExamplesSeen">Examples trained on.</param>
/// <param name="TokensSeen">Real tokens trained on.</param>
/// <param name="Flops">Floating point operations of matrix products spent in training.</param>
/// <param name="ElapsedSeconds">Time spent in steps, evaluations left out.</param>
/// <param name="BestStep">Step of the best evaluation; 0 before the first.</param>
/// <param name="BestMetric">Its main metric.</param>
/// <param name="NumWithoutGain">Evaluations since the best one.</param>
/// <param name="HasStopped">True if the run ended early, for want of gains.</param>
/// <param name="DataIdentity">Of the encoded training set.</param>
/// <param name="TokenizerIdentity">Of the model's vocabulary.</param>
/// <param name="NumEmpty">Steps whose batch had no label, which changed nothing.</param>
public sealed record FineTuningState(
    long Step,
    int Epoch,
    long Index,
    long NumSkipped,
    long ExamplesSeen,
    long TokensSeen,
    double Flops,
    double ElapsedSeconds,
    long BestStep,
    double? BestMetric,
    int NumWithoutGain,
    bool HasStopped,
    string DataIdentity,
    string TokenizerIdentity,
    long NumEmpty = 0)
{
    /// <summary>Steps that have changed the weights.</summary>
    [JsonIgnore]
    public long NumUpdates => Step - NumSkipped - NumEmpty;

    /// <summary>The state before the first step.</summary>
    public static FineTuningState Start(string dataIdentity, string tokenizerIdentity) =>
        new(0, 0, 0, 0, 0, 0, 0, 0, 0, null, 0, false, dataIdentity, tokenizerIdentity);
}
