using Electra.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>A parameter under the name a checkpoint gives it. One that two networks share stands in both, as the same object.</summary>
/// <param name="Name">Name in the Hugging Face layout.</param>
/// <param name="Value">The weights.</param>
/// <param name="Initializer">How it begins.</param>
public sealed record NamedParameter(string Name, Parameter Value, Initializer Initializer)
{
    /// <summary>Weight decay spares LayerNorm and biases (google-research/electra, optimization.py); embeddings are decayed.</summary>
    public bool IsDecayed => !Name.Contains("LayerNorm", StringComparison.Ordinal)
        && !Name.Contains("layer_norm", StringComparison.Ordinal)
        && !Name.EndsWith("bias", StringComparison.Ordinal);

    /// <summary>Gives the parameter its first value.</summary>
    public void Initialize(ulong seed, double standardDeviation)
    {
        using var noGradient = no_grad();
        var values = new float[Value.numel()];
        WeightInitialization.Fill(Initializer, Value.shape, standardDeviation, seed, Name, values);
        using var tensor = TensorMemory.Floats(values, Value.device, Value.shape);
        Value.copy_(tensor);
    }
}

/// <summary>
/// Where a network declares its parameters. Layers are plain classes that take the scope of their name, so that the model's structure
/// and the checkpoint's names are written once, and shared tables are simply handed over.
/// </summary>
public sealed class ParameterScope
{
    readonly string _prefix;
    readonly List<NamedParameter> _parameters;

    /// <param name="precision">Of all matrix products declared below.</param>
    /// <param name="device">Where the parameters live, the CPU if null; on <c>meta</c> they have names and shapes but take no memory.</param>
    public ParameterScope(Precision precision = Precision.Float32, Device? device = null) : this("", [], precision, device ?? CPU) { }

    ParameterScope(string prefix, List<NamedParameter> parameters, Precision precision, Device device) =>
        (_prefix, _parameters, Precision, Device) = (prefix, parameters, precision, device);

    /// <summary>Of all matrix products declared here.</summary>
    public Precision Precision { get; }

    /// <summary>Where the parameters live.</summary>
    public Device Device { get; }

    /// <summary>Everything declared so far, in order, under full names.</summary>
    public IReadOnlyList<NamedParameter> Parameters => _parameters;

    /// <summary>The scope of a part: its names begin with <paramref name="name"/> and a dot.</summary>
    public ParameterScope this[string name] => new($"{_prefix}{name}.", _parameters, Precision, Device);

    /// <summary>Declares a parameter, zero until initialised or loaded.</summary>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    public Parameter Declare(string name, Initializer initializer, params ReadOnlySpan<long> shape)
    {
        var parameter = new Parameter(zeros(shape.ToArray(), ScalarType.Float32, Device)).DetachFromDisposeScope() as Parameter;
        return Share(name, new NamedParameter(name, parameter!, initializer));
    }

    /// <summary>Declares a parameter that another network owns.</summary>
    public Parameter Share(string name, NamedParameter other)
    {
        var full = _prefix + name;
        if (_parameters.Exists(parameter => parameter.Name == full)) throw new InvalidOperationException($"Parameter {full} is declared twice.");
        _parameters.Add(new NamedParameter(full, other.Value, other.Initializer));
        return other.Value;
    }

    /// <summary>The declared parameter of that name below this scope.</summary>
    public NamedParameter Find(string name) => _parameters.Single(parameter => parameter.Name == _prefix + name);

    /// <summary>Declares <c>weight</c> (out, in) and <c>bias</c> (out).</summary>
    public LinearLayer Linear(int inputSize, int outputSize, Initializer initializer = Initializer.TruncatedNormal) =>
        new(Declare("weight", initializer, outputSize, inputSize), Declare("bias", Initializer.Zeros, outputSize), Precision);

    /// <summary>Declares <c>weight</c> and <c>bias</c> of a LayerNorm over the last axis.</summary>
    public LayerNormalization LayerNorm(int size, double epsilon) =>
        new(Declare("weight", Initializer.Ones, size), Declare("bias", Initializer.Zeros, size), epsilon);
}
