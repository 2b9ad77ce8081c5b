using Electra.Model;
using static TorchSharp.torch;

namespace Electra.Training;

/// <summary>AdamW over one flat buffer (google-research/electra, model/optimization.py).</summary>
public sealed class AdamW : IDisposable
{
    readonly AdamWConfig _config;
    readonly ParameterBuffer _parameters;

    /// <summary>Moments begin at zero.</summary>
    public AdamW(AdamWConfig config, ParameterBuffer parameters)
    {
        (_config, _parameters) = (config, parameters);
        FirstMoment = zeros_like(parameters.Values).DetachFromDisposeScope();
        SecondMoment = zeros_like(parameters.Values).DetachFromDisposeScope();
    }

    /// <summary>Flat mean of gradients, laid out as the parameters.</summary>
    public Tensor FirstMoment { get; }

    /// <summary>Flat mean of squared gradients, laid out as the parameters.</summary>
    public Tensor SecondMoment { get; }

    /// <summary>The global norm of all gradients, before clipping; not finite if any gradient is not.</summary>
    public double GradientNorm()
    {
        using var noGradient = no_grad();
        using var norm = _parameters.Gradients.norm();
        return norm.item<float>();
    }

    /// <summary>Clips, updates the moments and the weights, and sets the gradients to zero.</summary>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="gradientNorm">What <see cref="GradientNorm"/> gave.</param>
    /// <param name="numUpdates">Updates done, this one counted: what bias correction needs.</param>
    public void Step(double learningRate, double gradientNorm, long numUpdates)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var clip = _config.MaxGradientNorm > 0 ? Math.Min(1, _config.MaxGradientNorm / gradientNorm) : 1;
        var (gradients, weights) = (_parameters.Gradients, _parameters.Values);
        if (clip < 1) gradients.mul_(clip);

        FirstMoment.mul_(_config.Beta1).add_(gradients, 1 - _config.Beta1);
        SecondMoment.mul_(_config.Beta2).addcmul_(gradients, gradients, 1 - _config.Beta2);
        var (rate, root) = (learningRate, SecondMoment.sqrt());
        if (_config.CorrectsBias)
        {
            rate /= 1 - Math.Pow(_config.Beta1, numUpdates);
            root.div_(Math.Sqrt(1 - Math.Pow(_config.Beta2, numUpdates)));
        }
        weights.narrow(0, 0, _parameters.NumDecayed).mul_(1 - learningRate * _config.WeightDecay);
        weights.addcdiv_(FirstMoment, root.add_(_config.Epsilon), -rate);
        gradients.zero_();
    }

    /// <summary>Releases the moments.</summary>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
