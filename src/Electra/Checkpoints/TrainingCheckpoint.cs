using Electra.Files;

namespace Electra.Checkpoints;

/// <summary>
/// Checkpoints of a run: <c>checkpoints/step-N/</c> with the networks, each a Hugging Face directory, and <c>training/</c> with what resuming needs.
/// One is written as <c>step-N.tmp</c>, flushed to disk file by file, its checksums last, and then renamed: it is whole or it is not there.
/// </summary>
public static class TrainingCheckpoint
{
    const string Folder = "checkpoints", Prefix = "step-", Unfinished = ".tmp";

    /// <summary>Name of the folder beside the networks that holds optimizer and position.</summary>
    public const string TrainingFolder = "training";

    /// <summary>Writes the checkpoint of a step and removes the oldest beyond <paramref name="keep"/>.</summary>
    /// <param name="runDirectory">The run.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="keep">Newest checkpoints kept; 0 keeps all.</param>
    /// <param name="write">Fills the folder it is given.</param>
    /// <exception cref="IOException">The disk is full: earlier checkpoints are untouched and the half-written one is removed.</exception>
    public static void Save(string runDirectory, long step, int keep, Action<string> write)
    {
        var final = PathOf(runDirectory, step);
        var temporary = final + Unfinished;
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        Directory.CreateDirectory(temporary);
        try
        {
            write(temporary);
            Checksums.Write(temporary);
            // A step that is saved again, after a damaged checkpoint was passed over, takes its place.
            if (Directory.Exists(final)) Directory.Delete(final, recursive: true);
            Directory.Move(temporary, final);
        }
        catch
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            throw;
        }
        if (keep > 0) RemoveOldest(runDirectory, keep);
    }

    /// <summary>The newest undamaged checkpoint, or null if there is none.</summary>
    /// <param name="runDirectory">The run.</param>
    /// <param name="warn">Told of each damaged one that is passed over.</param>
    public static (long Step, string Directory)? FindNewest(string runDirectory, Action<string> warn)
    {
        foreach (var (step, directory) in All(runDirectory).OrderDescending())
        {
            if (Checksums.FindDamage(directory) is not { } damage) return (step, directory);
            warn($"Checkpoint {Prefix}{step} is damaged ({damage}); it is passed over.");
        }
        return null;
    }

    /// <summary>True if the run has a checkpoint, damaged or not.</summary>
    public static bool HasAny(string runDirectory) => All(runDirectory).Any();

    /// <summary>Where the checkpoint of a step lies.</summary>
    public static string PathOf(string runDirectory, long step) => Path.Combine(runDirectory, Folder, $"{Prefix}{step}");

    static void RemoveOldest(string runDirectory, int keep)
    {
        foreach (var (_, directory) in All(runDirectory).OrderDescending().Skip(keep))
        {
            // Renamed first: a kill in the middle of the deletion leaves a name nobody takes for a checkpoint.
            var doomed = directory + Unfinished;
            if (Directory.Exists(doomed)) Directory.Delete(doomed, recursive: true);
            Directory.Move(directory, doomed);
            Directory.Delete(doomed, recursive: true);
        }
    }

    static IEnumerable<(long Step, string Directory)> All(string runDirectory)
    {
        var folder = Path.Combine(runDirectory, Folder);
        if (!Directory.Exists(folder)) yield break;
        foreach (var directory in Directory.EnumerateDirectories(folder, Prefix + "*"))
            if (long.TryParse(Path.GetFileName(directory).AsSpan(Prefix.Length), out var step)) yield return (step, directory);
    }
}
