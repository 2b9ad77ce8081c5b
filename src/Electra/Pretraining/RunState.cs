namespace Electra.Pretraining;

/// <summary>All that a run is besides its weights and moments; every random number follows from it and the seed.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">Passes over the data begun before, from 0.</param>
/// <param name="Index">Examples of this epoch already seen.</param>
/// <param name="NumSkipped">Steps whose update was left out, because a loss or gradient was not finite.</param>
/// <param name="TokensSeen">Real tokens trained on.</param>
/// <param name="Flops">Floating point operations of matrix products spent.</param>
/// <param name="ElapsedSeconds">Time spent in steps.</param>
/// <param name="DatasetIdentity">Of the data the run reads.</param>
/// <param name="TokenizerIdentity">Of the vocabulary it was tokenised with.</param>
/// <param name="Recipe">The recipe as it was when the checkpoint was written.</param>
/// <param name="Phase">The phase of the last step: another one begins a new epoch.</param>
public sealed record RunState(
    long Step,
    int Epoch,
    long Index,
    long NumSkipped,
    long TokensSeen,
    double Flops,
    double ElapsedSeconds,
    string DatasetIdentity,
    string TokenizerIdentity,
    PretrainingRecipe Recipe,
    int Phase = 0)
{
    /// <summary>Where the next batch begins.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DataPosition Position => new(Epoch, Index);
}
