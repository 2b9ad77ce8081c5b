using Electra.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>y = x W^T + b.</summary>
/// <param name="Weight">(out, in).</param>
/// <param name="Bias">(out).</param>
/// <param name="Precision">Of the product.</param>
public sealed record LinearLayer(Parameter Weight, Parameter Bias, Precision Precision)
{
    /// <summary>Applies the layer to (..., in), giving (..., out) in float32.</summary>
    public Tensor Apply(Tensor x) => MatrixProduct.Linear(x, Weight, Bias, Precision);

    /// <summary>The same inside a layer, on the way to another product or a sum: see <see cref="MatrixProduct.LinearInside"/>.</summary>
    public Tensor ApplyInside(Tensor x) => MatrixProduct.LinearInside(x, Weight, Bias, Precision);
}

/// <summary>LayerNorm over the last axis, statistics in float32.</summary>
/// <param name="Weight">Scale.</param>
/// <param name="Bias">Shift.</param>
/// <param name="Epsilon">Added to the variance.</param>
public sealed record LayerNormalization(Parameter Weight, Parameter Bias, double Epsilon)
{
    /// <summary>Normalises (..., H).</summary>
    public Tensor Apply(Tensor x) => nn.functional.layer_norm(x, [Weight.shape[0]], Weight, Bias, Epsilon);
}
