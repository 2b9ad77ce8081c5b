namespace Electra.Numerics;

/// <summary>In what format matrix products are computed. Weights, optimizer state, losses and statistics are always float32.</summary>
public enum Precision
{
    /// <summary>Products in float32: the reference.</summary>
    Float32,
    /// <summary>Operands rounded to bfloat16, sums kept in float32 by the hardware.</summary>
    BFloat16,
}
