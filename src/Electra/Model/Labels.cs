using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>Labels as tensors, checked before libtorch sees them.</summary>
static class Labels
{
    /// <summary>A label that counts for nothing.</summary>
    public const long Ignored = -100;

    /// <summary>The tensor of a name, with the shape that the logits ask for.</summary>
    /// <exception cref="InvalidDataException">It is missing or mis-shaped.</exception>
    public static Tensor Get(IReadOnlyDictionary<string, Tensor> labels, string name, params ReadOnlySpan<long> shape)
    {
        if (!labels.TryGetValue(name, out var label)) throw new InvalidDataException($"The labels lack '{name}'.");
        return label.shape.AsSpan().SequenceEqual(shape)
            ? label
            : throw new InvalidDataException($"'{name}' has shape [{string.Join(", ", label.shape)}], the network's outputs ask for [{string.Join(", ", shape.ToArray())}].");
    }

    /// <summary>Mean cross entropy over the labels that are not ignored.</summary>
    /// <param name="logits">(N, classes).</param>
    /// <param name="labels">(N) int64.</param>
    /// <param name="name">For the error.</param>
    /// <exception cref="InvalidDataException">A label is neither a class nor ignored.</exception>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels, string name)
    {
        var numClasses = logits.shape[1];
        foreach (var label in Values(labels, name))
            if (label != Ignored && (ulong)label >= (ulong)numClasses)
                throw new InvalidDataException($"'{name}' holds {label}, the network tells {numClasses:N0} classes apart (and {Ignored} is ignored).");
        return nn.functional.cross_entropy(logits, labels, ignore_index: Ignored);
    }

    static long[] Values(Tensor labels, string name)
    {
        if (labels.dtype != ScalarType.Int64) throw new InvalidDataException($"'{name}' is {labels.dtype}, class labels are int64.");
        using var plain = labels.cpu().contiguous();
        return TensorMemory.Span<long>(plain).ToArray();
    }
}
