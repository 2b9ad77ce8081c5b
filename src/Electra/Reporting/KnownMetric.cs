namespace Electra.Reporting;

/// <summary>What a report knows of a figure's name: where it belongs and what people call it.</summary>
/// <param name="Name">The name in the log.</param>
/// <param name="Group">The heading it stands under.</param>
/// <param name="Label">What it is called.</param>
/// <param name="Chart">The title of the chart it shares with others; null for a chart of its own.</param>
/// <param name="Line">What the legend of the shared chart calls it.</param>
/// <param name="IsNoisy">Whether it jumps from batch to batch, so that an average is drawn.</param>
/// <param name="Perplexity">What its exponential is called; null if that means nothing.</param>
sealed record KnownMetric(string Name, string Group, string Label, string? Chart = null, string? Line = null, bool IsNoisy = true, string? Perplexity = null)
{
    public const string Losses = "Losses", Optimisation = "Optimisation", Speed = "Speed", Progress = "Progress", Other = "Other";

    public const string TotalLoss = "loss", TokensSeen = "tokens_seen", Flops = "flops", ElapsedSeconds = "elapsed_seconds", SkippedSteps = "skipped_steps";

    /// <summary>In the order of the report.</summary>
    static readonly KnownMetric[] All =
    [
        new(TotalLoss, Losses, "Total loss"),
        new("generator_loss", Losses, "Generator loss", Perplexity: "Generator perplexity"),
        new("discriminator_loss", Losses, "Discriminator loss"),
        new("mlm_loss", Losses, "Masked language modelling loss", Perplexity: "Masked token perplexity"),
        new("nsp_loss", Losses, "Next sentence prediction loss"),
        new("discriminator_auc", "Discriminator", "Discriminator AUC"),
        new("discriminator_accuracy_original", "Discriminator", "Accuracy on original tokens", "Discriminator accuracy", "original"),
        new("discriminator_accuracy_replaced", "Discriminator", "Accuracy on replaced tokens", "Discriminator accuracy", "replaced"),
        new("generator_accuracy", "Generator", "Generator accuracy"),
        new("replaced_share", "Generator", "Share of tokens replaced"),
        new("mlm_accuracy", "Masked language modelling", "Masked token accuracy"),
        new("nsp_accuracy", "Masked language modelling", "Next sentence accuracy"),
        new("loss_token_share", Optimisation, "Share of tokens in the loss"),
        new("gradient_norm", Optimisation, "Gradient norm"),
        new("learning_rate", Optimisation, "Learning rate", IsNoisy: false),
        new("tokens_per_second", Speed, "Tokens per second"),
        new("utilisation", Speed, "Utilisation"),
        new(TokensSeen, Progress, "Tokens seen"),
        new(Flops, Progress, "FLOPs"),
        new(ElapsedSeconds, Progress, "Seconds"),
        new(SkippedSteps, Progress, "Skipped steps"),
    ];

    /// <summary>What is known of a name; a name of which nothing is known stands under "Other" as it is.</summary>
    public static KnownMetric Of(string name) =>
        All.FirstOrDefault(metric => metric.Name == WithoutKind(name)) ?? new KnownMetric(name, Other, Sentence(WithoutKind(name)));

    /// <summary>Where the name stands in the report: known ones first.</summary>
    public static int OrderOf(string name) =>
        Array.FindIndex(All, metric => metric.Name == WithoutKind(name)) is >= 0 and var place ? place : All.Length;

    /// <summary>Some logs repeat the kind in the name: evaluation_loss is the loss of an evaluation.</summary>
    static string WithoutKind(string name)
    {
        const string prefix = $"{MetricsEntry.Evaluation}_";
        return name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
    }

    static string Sentence(string name)
    {
        var words = name.Replace('_', ' ').Replace('.', ' ').Trim();
        return words.Length == 0 ? name : char.ToUpperInvariant(words[0]) + words[1..];
    }
}
