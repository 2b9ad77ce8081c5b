namespace Electra.Corpus;

/// <summary>How a dataset is made from text.</summary>
/// <param name="ValidationFraction">Share of documents to hold out, 0 to 0.5; small corpora hold out more, see <see cref="HeldOutSelection"/>.</param>
/// <param name="ValidationInputs">Files, folders and globs of a validation corpus; then nothing is held out. Null if there is none.</param>
/// <param name="Sentences">Where sentences end.</param>
/// <param name="Seed">Of the choice of held-out documents.</param>
/// <param name="NumWorkers">Threads that tokenise; 0 takes one per core. The result is the same for any number.</param>
public sealed record DatasetOptions(
    double ValidationFraction = 0.005,
    IReadOnlyList<string>? ValidationInputs = null,
    SentenceBoundaries Sentences = SentenceBoundaries.Split,
    ulong Seed = 0,
    int NumWorkers = 0);
