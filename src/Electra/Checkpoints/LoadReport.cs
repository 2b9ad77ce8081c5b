namespace Electra.Checkpoints;

/// <summary>What was not as expected when a model was read, and was set right or left out.</summary>
/// <param name="Path">The model's directory.</param>
/// <param name="FilledDefaults">Keys that config.json lacks, with the documented default taken instead.</param>
/// <param name="FreshTensors">Tensors of the head that the file lacks: they begin as in training from scratch.</param>
/// <param name="SurplusTensors">Tensors of the file that the architecture has no place for: they are left out.</param>
/// <param name="Notes">Everything else, one sentence each.</param>
public sealed record LoadReport(
    string Path,
    IReadOnlyList<string> FilledDefaults,
    IReadOnlyList<string> FreshTensors,
    IReadOnlyList<string> SurplusTensors,
    IReadOnlyList<string> Notes)
{
    /// <summary>True if the model is complete and nothing was left out.</summary>
    public bool IsExact => FreshTensors.Count == 0 && SurplusTensors.Count == 0 && Notes.Count == 0;

    /// <summary>One line for each finding.</summary>
    public IEnumerable<string> Lines()
    {
        if (FilledDefaults.Count > 0) yield return $"{Path}: config.json lacks {string.Join(", ", FilledDefaults)}; the documented defaults are taken";
        foreach (var note in Notes) yield return $"{Path}: {note}";
        foreach (var name in FreshTensors) yield return $"{Path}: {name} is missing and begins fresh";
        foreach (var name in SurplusTensors) yield return $"{Path}: {SafetensorsHeader.Shown(name)} has no place in this architecture and is left out";
    }

    /// <summary>Fewer tokens than rows by this much is no padding of the table to a round size.</summary>
    const int MostPadding = 128;

    /// <summary>Tells who uses the model what may make its answers wrong; defaults that config.json left out are none of it.</summary>
    /// <param name="numTokens">Of the tokenizer beside it.</param>
    /// <param name="vocabSize">Rows of its word table.</param>
    /// <param name="note">Gets the findings, one line each; null for nobody.</param>
    public void Tell(int numTokens, int vocabSize, Action<string>? note)
    {
        if (note is null) return;
        foreach (var line in (this with { FilledDefaults = [] }).Lines()) note(line);
        if (numTokens > vocabSize || numTokens <= vocabSize - MostPadding)
            note($"{Path}: the tokenizer has {numTokens:N0} tokens, the model's word table {vocabSize:N0} rows. Wrong vocab.txt?");
    }
}
