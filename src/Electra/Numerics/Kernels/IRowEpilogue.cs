namespace Electra.Numerics.Kernels;

/// <summary>What is done to a block of finished rows of a product while it is still in the second-level cache.</summary>
interface IRowEpilogue
{
    /// <summary>Rows [first, first + count) of the product are complete.</summary>
    void Finish(int first, int count);
}

/// <summary>Nothing is left to do.</summary>
readonly struct NoEpilogue : IRowEpilogue
{
    public void Finish(int first, int count) { }
}
