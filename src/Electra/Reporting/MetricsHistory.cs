namespace Electra.Reporting;

/// <summary>All figures of a run by kind and name, each as one column.</summary>
public sealed class MetricsHistory
{
    readonly Dictionary<(string Kind, string Name), (List<double> Steps, List<double> Values)> _columns = [];

    /// <summary>The last step in the log; 0 of an empty one.</summary>
    public long LastStep { get; private set; }

    /// <summary>The figures in the order in which they first appear.</summary>
    public IReadOnlyList<MetricSeries> Series => [.. _columns.Select(column => ToSeries(column.Key.Kind, column.Key.Name, column.Value))];

    /// <summary>Reads a whole metrics.jsonl; a log that is not there yet is empty.</summary>
    /// <exception cref="InvalidDataException">A line is no line of metrics.</exception>
    public static MetricsHistory Read(string path)
    {
        var history = new MetricsHistory();
        if (!File.Exists(path)) return history;
        foreach (var entry in MetricsLog.Read(path)) history.Add(entry);
        return history;
    }

    /// <summary>One figure; without values if it was never logged.</summary>
    public MetricSeries this[string kind, string name] =>
        _columns.TryGetValue((kind, name), out var column) ? ToSeries(kind, name, column) : new MetricSeries(kind, name, [], []);

    /// <summary>Adds one line of the log.</summary>
    public void Add(MetricsEntry entry)
    {
        foreach (var (name, value) in entry.Values)
        {
            if (!_columns.TryGetValue((entry.Kind, name), out var column)) _columns[(entry.Kind, name)] = column = ([], []);
            column.Steps.Add(entry.Step);
            column.Values.Add(value);
        }
        LastStep = Math.Max(LastStep, entry.Step);
    }

    static MetricSeries ToSeries(string kind, string name, (List<double> Steps, List<double> Values) column) => new(kind, name, column.Steps, column.Values);
}
