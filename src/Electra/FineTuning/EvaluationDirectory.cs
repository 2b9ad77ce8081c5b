using System.Text.Json;
using Electra.Files;

namespace Electra.FineTuning;

/// <summary>
/// What <c>electra evaluate --out</c> writes: <c>evaluation.json</c> with the figures, the files of a benchmark's server, and for each task a folder with its
/// predictions and <c>report.html</c>. The first of them marks the directory: it may be written again, and other tasks may join it for one submission.
/// </summary>
public sealed class EvaluationDirectory
{
    const string FileName = "evaluation.json";

    readonly string _path, _task;
    readonly Dictionary<string, EvaluationFigures> _figures;

    EvaluationDirectory(string path, string task, Dictionary<string, EvaluationFigures> figures) => (_path, _task, _figures) = (path, task, figures);

    /// <summary>The task's folder: its name, with a dash for what is no letter, digit, dot, dash or underscore.</summary>
    public string TaskFolder => Path.Combine(_path, FolderName(_task));

    /// <summary>Takes a directory that is new, empty, or was written by an earlier evaluation.</summary>
    /// <param name="path">Created where it is missing.</param>
    /// <param name="overwrites">Takes a directory that holds other files, too.</param>
    /// <param name="task">The task's name; what an earlier evaluation said of another one stays.</param>
    /// <param name="model">What is judged.</param>
    /// <param name="data">On what.</param>
    /// <exception cref="InvalidDataException">The directory holds something else.</exception>
    public static EvaluationDirectory Begin(string path, bool overwrites, string task, string model, string data)
    {
        var isTaken = File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() && !File.Exists(Path.Combine(path, FileName)));
        if (File.Exists(path) || (isTaken && !overwrites))
            throw new InvalidDataException($"{path} is there already, and no evaluation. Give another --out{(File.Exists(path) ? "" : ", or --overwrite")}.");
        var directory = new EvaluationDirectory(path, task, Read(Path.Combine(path, FileName)));
        Directory.CreateDirectory(directory.TaskFolder);
        directory._figures[task] = new EvaluationFigures(model, data, []);
        directory.Write();
        return directory;
    }

    /// <summary>Adds a set's figures.</summary>
    public void Add(string set, IReadOnlyDictionary<string, double> metrics)
    {
        _figures[_task].Sets[set] = metrics;
        Write();
    }

    static string FolderName(string task)
    {
        var name = string.Concat(task.Select(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' ? character : '-')).Trim('.');
        return name.Length == 0 ? "task" : name;
    }

    /// <summary>What stands there from before; nothing of a file that is no evaluation's, which is written anew.</summary>
    static Dictionary<string, EvaluationFigures> Read(string path)
    {
        if (!File.Exists(path)) return [];
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), FineTuningRunJson.Default.DictionaryStringEvaluationFigures) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    void Write() => AtomicFile.WriteText(Path.Combine(_path, FileName), JsonSerializer.Serialize(_figures, FineTuningRunJson.Default.DictionaryStringEvaluationFigures) + "\n");
}

/// <summary>The figures of one task.</summary>
/// <param name="Model">What was judged.</param>
/// <param name="Data">The folder or file of the examples.</param>
/// <param name="Sets">All metrics of each set.</param>
sealed record EvaluationFigures(string Model, string Data, Dictionary<string, IReadOnlyDictionary<string, double>> Sets);
