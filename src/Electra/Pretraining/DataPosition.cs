namespace Electra.Pretraining;

/// <summary>How far a run has read its data.</summary>
/// <param name="Epoch">Passes over the data begun before, from 0.</param>
/// <param name="Index">Examples of this epoch already seen.</param>
public readonly record struct DataPosition(int Epoch, long Index);
