namespace Electra.FineTuning.Tasks;

/// <summary>What was met while reading a set: counted in full, the first of each kind by file and line.</summary>
/// <param name="isStrict">True: the first problem is an error.</param>
public sealed class TaskReadingReport(bool isStrict = false)
{
    /// <summary>Problems of each kind that are kept with their place.</summary>
    public const int MaxKeptOfKind = 20;

    readonly SortedDictionary<TaskProblemKind, List<TaskProblem>> _kept = [];
    readonly SortedDictionary<TaskProblemKind, long> _counts = [];
    List<TaskProblem>? _dropped;

    /// <summary>Rows read, good and bad.</summary>
    public long NumRows { get; internal set; }

    /// <summary>Rows left out.</summary>
    public long NumDropped { get; private set; }

    /// <summary>All problems by kind.</summary>
    public IReadOnlyDictionary<TaskProblemKind, long> Counts => _counts;

    /// <summary>The first problems of each kind.</summary>
    public IEnumerable<TaskProblem> Problems => _kept.Values.SelectMany(problems => problems);

    /// <summary>Counts a problem.</summary>
    /// <exception cref="InvalidDataException">The report is strict.</exception>
    public void Add(TaskProblem problem)
    {
        if (isStrict) throw new InvalidDataException($"{problem.Source}: {problem.Message}.");
        _counts[problem.Kind] = _counts.GetValueOrDefault(problem.Kind) + 1;
        if (problem.IsDropped)
        {
            NumDropped++;
            _dropped?.Add(problem);
        }
        if (!_kept.TryGetValue(problem.Kind, out var kept)) _kept[problem.Kind] = kept = [];
        if (kept.Count < MaxKeptOfKind) kept.Add(problem);
    }

    /// <summary>The rows left out since the last call, in the file's order; they are kept from the first call on.</summary>
    internal IReadOnlyList<TaskProblem> TakeDropped()
    {
        var taken = _dropped ?? [];
        _dropped = [];
        return taken;
    }

    /// <summary>Lines for a reader: of each kind its number and its first places; empty if nothing was wrong.</summary>
    /// <param name="numPlaces">Places named for each kind.</param>
    public IEnumerable<string> Warnings(int numPlaces = 3)
    {
        foreach (var (kind, count) in _counts)
        {
            foreach (var problem in _kept[kind].Take(numPlaces)) yield return problem.ToString();
            var more = count - Math.Min(numPlaces, _kept[kind].Count);
            if (more > 0) yield return $"{_kept[kind][0].Source.File}: {more:N0} more of this kind ({Words(kind)})";
        }
    }

    static string Words(TaskProblemKind kind) => kind switch
    {
        TaskProblemKind.UnknownLabel => "unknown label",
        TaskProblemKind.EmptyText => "empty text",
        TaskProblemKind.ColumnCount => "number of columns",
        TaskProblemKind.Quotes => "quotes",
        TaskProblemKind.TagJump => "tags that jump",
        TaskProblemKind.WordCount => "words without tags",
        TaskProblemKind.Answer => "answers not in their context",
        TaskProblemKind.DuplicateId => "ids that stand twice",
        TaskProblemKind.Encoding => "not UTF-8",
        _ => "JSON",
    };
}
