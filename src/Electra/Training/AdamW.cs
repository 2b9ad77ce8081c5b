using Electra.Model;
using Electra.Numerics;
using Electra.Numerics.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Electra.Training;

/// <summary>AdamW over one flat buffer (google-research/electra, model/optimization.py): by kernels on a processor, by torch operations elsewhere.</summary>
public sealed unsafe class AdamW : IDisposable
{
    readonly AdamWConfig _config;
    readonly ParameterBuffer _parameters;
    readonly IReadOnlyList<Run> _runs;
    readonly AdamWSettings _settings;
    readonly FlatAdamW? _kernels;

    /// <summary>Moments begin at zero.</summary>
    /// <param name="config">Its constants.</param>
    /// <param name="parameters">What it changes.</param>
    /// <param name="rateFactors">What multiplies the learning rate of each of the buffer's slots, as layer-wise decay wants it; null takes 1 for all.</param>
    /// <exception cref="ArgumentException">There are not as many factors as slots.</exception>
    public AdamW(AdamWConfig config, ParameterBuffer parameters, IReadOnlyList<double>? rateFactors = null)
    {
        (_config, _parameters) = (config, parameters);
        _runs = RunsOf(parameters, rateFactors);
        FirstMoment = TensorMemory.Zeros(parameters.Values.numel(), parameters.Values.device).DetachFromDisposeScope();
        SecondMoment = TensorMemory.Zeros(parameters.Values.numel(), parameters.Values.device).DetachFromDisposeScope();
        _settings = new AdamWSettings(config.Beta1, config.Beta2, config.Epsilon, config.CorrectsBias);
        if (parameters.Values.device_type == DeviceType.CPU) _kernels = new FlatAdamW(parameters.Team(get_num_threads()));
    }

    /// <summary>Flat mean of gradients, laid out as the parameters.</summary>
    public Tensor FirstMoment { get; }

    /// <summary>Flat mean of squared gradients, laid out as the parameters.</summary>
    public Tensor SecondMoment { get; }

    /// <summary>The global norm of all gradients, before clipping; not finite if any gradient is not.</summary>
    public double GradientNorm()
    {
        if (_kernels is not null)
            return Math.Sqrt(_kernels.SquaredNorm(TensorMemory.Pointer(_parameters.Gradients), [new ParameterSegment(0, _parameters.Gradients.numel(), 0, 0)]));
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
        var clip = _config.MaxGradientNorm > 0 ? Math.Min(1, _config.MaxGradientNorm / gradientNorm) : 1;
        if (_kernels is null) StepByTorch(learningRate, clip, numUpdates);
        else
        {
            var segments = _runs.Select(run => new ParameterSegment(
                run.Offset, run.Length, (float)(learningRate * run.Factor), run.IsDecayed ? (float)_config.WeightDecay : 0)).ToList();
            _kernels.Update(
                TensorMemory.Pointer(_parameters.Values), TensorMemory.Pointer(_parameters.Gradients),
                TensorMemory.Pointer(FirstMoment), TensorMemory.Pointer(SecondMoment), segments, _settings, (float)clip, numUpdates);
        }
        _parameters.MarkChanged();
    }

    /// <summary>The same by torch operations: the path of other devices, and the oracle of the kernels.</summary>
    /// <param name="clip">What the gradients are multiplied by.</param>
    internal void StepByTorch(double learningRate, double clip, long numUpdates)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
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
        root.add_(_config.Epsilon);
        foreach (var run in _runs)
        {
            var part = weights.narrow(0, run.Offset, run.Length);
            if (run.IsDecayed) part.mul_(1 - learningRate * run.Factor * _config.WeightDecay);
            part.addcdiv_(FirstMoment.narrow(0, run.Offset, run.Length), root.narrow(0, run.Offset, run.Length), -rate * run.Factor);
        }
        gradients.zero_();
    }

    /// <summary>Releases the moments.</summary>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }

    /// <summary>Neighbouring slots that are treated alike, the gaps between them included.</summary>
    static List<Run> RunsOf(ParameterBuffer parameters, IReadOnlyList<double>? factors)
    {
        if (factors is not null && factors.Count != parameters.Slots.Count)
            throw new ArgumentException($"{factors.Count} learning rate factors do not fit {parameters.Slots.Count} parameters.");
        var runs = new List<Run>();
        for (var i = 0; i < parameters.Slots.Count; i++)
        {
            var (offset, isDecayed, factor) = (parameters.Slots[i].Offset, parameters.Slots[i].Offset < parameters.NumDecayed, factors?[i] ?? 1);
            var end = i + 1 < parameters.Slots.Count ? parameters.Slots[i + 1].Offset : parameters.Values.shape[0];
            if (runs is [.., var last] && last.IsDecayed == isDecayed && last.Factor == factor) runs[^1] = last with { Length = end - last.Offset };
            else runs.Add(new Run(offset, end - offset, factor, isDecayed));
        }
        return runs;
    }

    readonly record struct Run(long Offset, long Length, double Factor, bool IsDecayed);
}
