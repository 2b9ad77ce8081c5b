using System.Globalization;
using Electra.Model;

namespace Electra.Training;

/// <summary>
/// Learning rates that fall from the head down to the embeddings, so that the general layers of a pretrained encoder change least
/// (Clark et al. 2020, appendix B). With n layers and decay d the head has factor 1, layer i (from 0) d^(n - i), the embeddings d^(n + 1).
/// </summary>
/// <param name="Decay">Factor from one layer to the next below; 1 gives all parameters the same rate.</param>
/// <param name="AsPublished">True counts as the published code does, left over from a removed pooler: the top layer has d^2, all below one power
/// more than meant, and a pooler d (google-research/electra issue 51).</param>
public sealed record LayerwiseDecay(double Decay = 0.8, bool AsPublished = false)
{
    /// <summary>The factor of each of the buffer's slots, in their order.</summary>
    /// <param name="parameters">An encoder with a head on it.</param>
    /// <param name="numLayers">Layers of the encoder.</param>
    public IReadOnlyList<double> Factors(ParameterBuffer parameters, int numLayers) =>
        [.. parameters.Slots.Select(slot => Math.Pow(Decay, PowerOf(slot.Parameter.Name, numLayers)))];

    /// <summary>Every impossible value, one message each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Decay > 0 && Decay <= 1)) yield return $"decay is {Decay}, it must lie in (0, 1] (1 gives all layers the same rate)";
    }

    int PowerOf(string name, int numLayers)
    {
        const string layers = ".encoder.layer.";
        var above = AsPublished ? 1 : 0;
        if (name.Contains(".embeddings", StringComparison.Ordinal)) return numLayers + 1 + above;      // embeddings and embeddings_project
        if (name.Contains(".pooler.", StringComparison.Ordinal)) return above;
        var place = name.IndexOf(layers, StringComparison.Ordinal);
        if (place < 0) return 0;
        var number = name.AsSpan(place + layers.Length);
        return numLayers - int.Parse(number[..number.IndexOf('.')], CultureInfo.InvariantCulture) + above;
    }
}
