namespace Electra.Objectives;

/// <summary>
/// Sums over one batch or one evaluation, from which every reported figure is a quotient: so micro-batches add up exactly. An objective adds
/// its losses and shares under the names of the log.
/// </summary>
public sealed class ObjectiveSums
{
    readonly List<Figure> _figures = [];

    /// <summary>Real tokens, [CLS] and [SEP] counted.</summary>
    public long NumTokens { get; set; }

    /// <summary>Tokens whose prediction enters a loss of the network that is kept.</summary>
    public long NumTargets { get; set; }

    /// <summary>What a discriminator said of each token of text; empty for objectives without one.</summary>
    public TokenJudgements Judgements { get; } = new();

    /// <summary>All losses, each a mean, times their weights.</summary>
    public double TotalLoss => _figures.Where(figure => figure.IsLoss).Sum(figure => figure.Weight * figure.Mean);

    /// <summary>Adds to a loss.</summary>
    /// <param name="name">In the log.</param>
    /// <param name="weight">In the total.</param>
    /// <param name="sum">In nats, summed over what it is counted by.</param>
    /// <param name="count">What it is divided by.</param>
    public void AddLoss(string name, double weight, double sum, long count) => Add(new Figure(name, weight, sum, count, IsLoss: true));

    /// <summary>Adds to a share, such as an accuracy.</summary>
    public void AddShare(string name, double sum, long count) => Add(new Figure(name, 0, sum, count, IsLoss: false));

    /// <summary>A loss or share by its name.</summary>
    public double Mean(string name) => _figures.Single(figure => figure.Name == name).Mean;

    /// <summary>The figures of the run log.</summary>
    public Dictionary<string, double> ToMetrics()
    {
        var metrics = new Dictionary<string, double> { ["loss"] = TotalLoss };
        foreach (var figure in _figures.OrderByDescending(figure => figure.IsLoss)) metrics[figure.Name] = figure.Mean;
        if (Judgements.Count > 0) Judgements.AddTo(metrics);
        metrics["loss_token_share"] = (double)NumTargets / NumTokens;
        return metrics;
    }

    void Add(Figure added)
    {
        var place = _figures.FindIndex(figure => figure.Name == added.Name);
        if (place < 0) _figures.Add(added);
        else _figures[place] = added with { Sum = _figures[place].Sum + added.Sum, Count = _figures[place].Count + added.Count };
    }

    sealed record Figure(string Name, double Weight, double Sum, long Count, bool IsLoss)
    {
        public double Mean => Sum / Count;
    }
}
