namespace Electra.Reporting;

/// <summary>What a run is called where it stands beside others.</summary>
static class RunName
{
    /// <summary>The directory's own name.</summary>
    public static string Of(string runDirectory) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(runDirectory)));

    /// <summary>The directories' own names; where two are equal, all with as many parents as it takes to tell them apart.</summary>
    public static IReadOnlyList<string> Distinct(IReadOnlyList<string> runDirectories)
    {
        var parts = runDirectories.Select(run => Path.GetFullPath(run).Split('/', StringSplitOptions.RemoveEmptyEntries)).ToList();
        for (var length = 1; length < parts.Max(path => path.Length); length++)
        {
            var names = parts.Select(path => string.Join('/', path.TakeLast(length))).ToList();
            if (names.Distinct().Count() == names.Count) return names;
        }
        return [.. parts.Select(path => string.Join('/', path))];
    }
}
