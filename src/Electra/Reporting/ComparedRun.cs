namespace Electra.Reporting;

/// <summary>A run beside others: its log, its settings and what they make of it.</summary>
/// <param name="Name">What it is called on the page.</param>
/// <param name="History">Its log.</param>
/// <param name="Recipe">Its recipe; empty if it has none.</param>
/// <param name="Manifest">Its manifest; empty if it has none.</param>
sealed record ComparedRun(string Name, MetricsHistory History, IReadOnlyList<FactSection> Recipe, IReadOnlyList<FactSection> Manifest)
{
    const string Yes = "yes";

    /// <summary>Reads a run directory.</summary>
    /// <exception cref="InvalidDataException">It holds no metrics, or one of its files is damaged.</exception>
    public static ComparedRun Read(string name, string directory) => new(
        name, MetricsHistory.OfRun(directory),
        RunFacts.Read(Path.Combine(directory, "recipe.json"), "recipe"), RunFacts.Read(Path.Combine(directory, "manifest.json"), "manifest"));

    /// <summary>What people call what it learns; null where the recipe does not say.</summary>
    public string? Method => Objective("kind") switch
    {
        "replaced_token_detection" when Objective("uniform_generator") == Yes => "ELECTRA, uniform generator",
        "replaced_token_detection" => Objective("judges_masked_only") == Yes ? "ELECTRA 15 %" : "ELECTRA",
        "replaced_language_modelling" => PredictsAllTokens ? "All-Tokens MLM" : "Replace MLM",
        "masked_language_modelling" when RunFacts.Find(Recipe, "model", "family") == "roberta" => "RoBERTa",
        "masked_language_modelling" => Objective("next_sentence") == Yes ? "BERT" : "BERT without next sentences",
        var other => other,
    };

    /// <summary>Which vocabulary its figures are of; null where the manifest does not say.</summary>
    public string? Vocabulary => RunFacts.Find(Manifest, "manifest", "tokenizer_identity");

    public double Flops => History[MetricsEntry.Train, KnownMetric.Flops].Last;

    public double TokensSeen => History[MetricsEntry.Train, KnownMetric.TokensSeen].Last;

    public double Seconds => History[MetricsEntry.Train, KnownMetric.ElapsedSeconds].Last;

    /// <summary>Of all tokens trained on, those whose prediction entered the loss of the network that is kept.</summary>
    public double LossTokenShare => History[MetricsEntry.Train, "loss_token_share"].Values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    /// <summary>exp of a held-out loss that is a mean over hidden tokens; NaN where it is none.</summary>
    public double Perplexity(string loss, double value) => loss == "mlm_loss" && PredictsAllTokens ? double.NaN : Math.Exp(value);

    /// <summary>A held-out figure at the last evaluation before so many operations were spent; NaN without one.</summary>
    public double HeldOutAt(string name, double flops)
    {
        var (series, spent) = (History[MetricsEntry.Evaluation, name], History[MetricsEntry.Train, KnownMetric.Flops]);
        var place = series.Steps.Count - 1;
        while (place >= 0 && spent.At(series.Steps[place]) > flops) place--;
        return place < 0 ? double.NaN : series.Values[place];
    }

    /// <summary>The copy gate makes most tokens certain: the mean over all of them is no perplexity of hidden ones.</summary>
    bool PredictsAllTokens => Objective("predicts_all_tokens") == Yes;

    string? Objective(string name) => RunFacts.Find(Recipe, "objective", name);
}
