using Electra.Model;

namespace Electra.Checkpoints;

/// <summary>Which stored tensor goes into which parameter: names mapped and shapes checked, nothing read yet.</summary>
/// <param name="Found">Parameters with what they are read from, in the network's order.</param>
/// <param name="Fresh">Parameters of the head that the file lacks.</param>
/// <param name="TiedCopies">Copies of tied tensors that the file holds, with the name of the tensor they copy.</param>
/// <param name="Surplus">Stored tensors that the network has no place for.</param>
/// <param name="Notes">What else is worth a line.</param>
sealed record TensorMatch(
    IReadOnlyList<(NamedParameter Parameter, StoredTensor Stored)> Found,
    IReadOnlyList<NamedParameter> Fresh,
    IReadOnlyList<(string Name, StoredTensor Stored, StoredTensor Owner)> TiedCopies,
    IReadOnlyList<StoredTensor> Surplus,
    IReadOnlyList<string> Notes)
{
    /// <summary>More missing names than this make no error clearer.</summary>
    const int MaxNamesShown = 5;

    /// <param name="source">The file.</param>
    /// <param name="architecture">Of the network.</param>
    /// <param name="parameters">The network's parameters; only names and shapes are looked at.</param>
    /// <exception cref="InvalidDataException">A shape does not fit, an encoder tensor is missing, or two names mean one tensor.</exception>
    public static TensorMatch Of(ITensorSource source, Architecture architecture, IReadOnlyList<NamedParameter> parameters)
    {
        var names = new TensorNames(architecture.Family, source.Tensors.Select(tensor => tensor.Name));
        var tied = TensorNames.TiedNames(architecture).ToHashSet(StringComparer.Ordinal);
        var stored = Canonical(source, names, out var renamed);

        // A file may hold only the copy of a tied pair.
        foreach (var name in tied)
            if (stored.TryGetValue(name, out var copy)) stored.TryAdd(names.OwnerOf(name)!, copy);       // tied names have owners

        var found = new List<(NamedParameter, StoredTensor)>();
        var fresh = new List<NamedParameter>();
        var used = new HashSet<StoredTensor>();
        var missing = new List<string>();
        foreach (var parameter in parameters)
        {
            var name = names.WithPrefix(parameter.Name);
            if (stored.TryGetValue(name, out var tensor))
            {
                CheckShape(source, tensor, parameter.Value.shape);
                found.Add((parameter, tensor));
                used.Add(tensor);
            }
            else if (names.IsEncoder(name)) missing.Add(name);
            else fresh.Add(parameter);
        }
        if (missing.Count > 0)
            throw new InvalidDataException($"{source.Path} lacks {missing.Count} of the encoder's tensors: {string.Join(", ", missing.Take(MaxNamesShown))}"
                + $"{(missing.Count > MaxNamesShown ? ", ..." : "")}. Does config.json belong to it?");

        var copies = new List<(string, StoredTensor, StoredTensor)>();
        foreach (var name in tied)
        {
            if (!stored.TryGetValue(name, out var copy)) continue;
            var owner = stored[names.OwnerOf(name)!];
            CheckShape(source, copy, owner.Shape);
            copies.Add((name, copy, owner));
            used.Add(copy);
        }
        var surplus = stored.Where(pair => !used.Contains(pair.Value) && !names.IsObsoleteBuffer(pair.Key)).Select(pair => pair.Value).ToList();
        var notes = renamed > 0 ? (string[])[$"{renamed} tensors are named gamma and beta, read as weight and bias"] : [];
        return new TensorMatch(found, fresh, copies, surplus, notes);
    }

    static Dictionary<string, StoredTensor> Canonical(ITensorSource source, TensorNames names, out int renamed)
    {
        renamed = 0;
        var stored = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        foreach (var tensor in source.Tensors)
        {
            var name = names.Canonical(tensor.Name);
            if (!stored.TryAdd(name, tensor))
                throw new InvalidDataException($"{source.Path} holds '{SafetensorsHeader.Shown(tensor.Name)}' and '{SafetensorsHeader.Shown(stored[name].Name)}', which are one tensor.");
            if (tensor.Name.EndsWith(".gamma", StringComparison.Ordinal) || tensor.Name.EndsWith(".beta", StringComparison.Ordinal)) renamed++;
        }
        return stored;
    }

    static void CheckShape(ITensorSource source, StoredTensor tensor, IReadOnlyList<long> expected)
    {
        if (!tensor.Shape.SequenceEqual(expected))
            throw new InvalidDataException($"{source.Path}: {SafetensorsHeader.Shown(tensor.Name)} has shape {tensor.ShapeText}, config.json asks for [{string.Join(", ", expected)}].");
        if (!TensorFormats.IsFloat(tensor.Format))
            throw new InvalidDataException($"{source.Path}: {SafetensorsHeader.Shown(tensor.Name)} is {TensorFormats.HuggingFaceName(tensor.Format)}, weights are of a float format.");
    }
}
