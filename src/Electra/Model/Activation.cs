using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>Activation functions by their Hugging Face names.</summary>
public static class Activation
{
    static readonly Dictionary<string, Func<Tensor, Tensor>> Functions = new(StringComparer.Ordinal)
    {
        ["gelu"] = x => nn.functional.gelu(x),                                                  // exact, by erf
        ["gelu_new"] = x => nn.functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh),    // Google's BERT
        ["gelu_pytorch_tanh"] = x => nn.functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh),
        ["relu"] = x => nn.functional.relu(x),
        ["silu"] = x => nn.functional.silu(x),
        ["tanh"] = x => x.tanh(),
    };

    /// <summary>Names that <see cref="Named"/> knows.</summary>
    public static IEnumerable<string> Names => Functions.Keys;

    /// <summary>True if <see cref="Named"/> knows the name.</summary>
    public static bool IsKnown(string name) => Functions.ContainsKey(name);

    /// <summary>The function of a name.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Func<Tensor, Tensor> Named(string name) => Functions.TryGetValue(name, out var function)
        ? function
        : throw new ArgumentException($"Activation '{name}' is unknown, use one of {string.Join(", ", Names)}.");
}
