namespace Electra.Reporting;

/// <summary>All figures of a run by kind and name, each as one column.</summary>
public sealed class MetricsHistory
{
    const string FileName = "metrics.jsonl";

    readonly Dictionary<string, Table> _tables = [];

    /// <summary>The last step in the log; 0 of an empty one.</summary>
    public long LastStep { get; private set; }

    /// <summary>A sentence for each line of the log that is none.</summary>
    public IReadOnlyList<string> Unreadable { get; private set; } = [];

    /// <summary>The figures by kind, in the order in which they first appear.</summary>
    public IReadOnlyList<MetricSeries> Series =>
        [.. _tables.SelectMany(table => table.Value.Columns.Keys.Select(name => this[table.Key, name]))];

    /// <summary>Reads a whole metrics.jsonl; a log that is not there yet is empty.</summary>
    public static MetricsHistory Read(string path)
    {
        var history = new MetricsHistory();
        if (!File.Exists(path)) return history;
        var unreadable = new List<string>();
        foreach (var entry in MetricsLog.Read(path, unreadable)) history.Add(entry);
        history.Unreadable = unreadable;
        return history;
    }

    /// <summary>Reads the log of a run.</summary>
    /// <exception cref="InvalidDataException">The directory is no run: it has no log.</exception>
    public static MetricsHistory OfRun(string runDirectory)
    {
        var path = Path.Combine(runDirectory, FileName);
        if (!File.Exists(path))
            throw new InvalidDataException($"{runDirectory}: no {FileName}; a directory made by 'electra pretrain' or 'electra finetune' has one.");
        return Read(path);
    }

    /// <summary>One figure; without values if it was never logged.</summary>
    public MetricSeries this[string kind, string name] =>
        _tables.TryGetValue(kind, out var table) && table.Columns.TryGetValue(name, out var column)
            ? new MetricSeries(kind, name, table.StepsOf(column), column.Values)
            : new MetricSeries(kind, name, [], []);

    /// <summary>Adds one line of the log.</summary>
    public void Add(MetricsEntry entry)
    {
        if (!_tables.TryGetValue(entry.Kind, out var table)) _tables[entry.Kind] = table = new Table();
        foreach (var (name, value) in entry.Values) table.Add(name, entry.Step, value);
        table.Steps.Add(entry.Step);
        LastStep = Math.Max(LastStep, entry.Step);
    }

    /// <summary>The lines of one kind. Most figures stand on every line: they share one list of steps.</summary>
    sealed class Table
    {
        public List<double> Steps { get; } = [];

        public Dictionary<string, Column> Columns { get; } = [];

        public void Add(string name, double step, double value)
        {
            if (!Columns.TryGetValue(name, out var column)) Columns[name] = column = new Column(Steps.Count);
            if (column.OwnSteps is null && column.FirstRow + column.Values.Count < Steps.Count)
                column.OwnSteps = Steps.GetRange(column.FirstRow, column.Values.Count);
            column.OwnSteps?.Add(step);
            column.Values.Add(value);
        }

        public List<double> StepsOf(Column column)
        {
            if (column.OwnSteps is not null) return column.OwnSteps;
            return column.Values.Count == Steps.Count ? Steps : Steps.GetRange(column.FirstRow, column.Values.Count);
        }
    }

    /// <summary>One figure, on every line from its first one on unless it has steps of its own.</summary>
    sealed class Column(int firstRow)
    {
        public int FirstRow => firstRow;

        public List<double> Values { get; } = [];

        public List<double>? OwnSteps { get; set; }
    }
}
