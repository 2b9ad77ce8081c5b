using System.CommandLine;
using Electra.Corpus;
using Electra.FineTuning;
using Electra.FineTuning.Tasks;
using Electra.Numerics;

namespace Electra.Cli;

/// <summary><c>electra predict</c>: a fine-tuned model on new examples, as they come, in their order.</summary>
static class PredictCommand
{
    /// <summary>How the input is laid out.</summary>
    internal enum InputFormat
    {
        /// <summary>By the file's name: as the task's own where they end alike, .txt lines, .jsonl JSONL, else the task's own; standard input is lines.</summary>
        Auto,
        /// <summary>A text a line; two texts, or question and context, stand between a tab.</summary>
        Lines,
        /// <summary>An object a line with text and second_text, words, or question and context.</summary>
        Jsonl,
        /// <summary>As the task's own files.</summary>
        Task,
    }

    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "A fine-tuned model, or the directory of `electra finetune`.", Required = true };
        var input = new Argument<string?>("input") { Arity = ArgumentArity.ZeroOrOne, Description = "A file; without it, standard input." };
        var format = new Option<InputFormat>("--format") { Description = "lines, jsonl, or task for the task's own format; by default that of the task's files where the name ends like theirs, else by .txt and .jsonl." };
        var split = new Option<string?>("--split") { Description = "A set of the task, such as dev: the input is laid out as its file; by default the set whose file has the input's name, else one without labels." };
        var strict = new Option<bool>("--strict") { Description = "End at the first bad line, after what came before it, instead of reporting it." };
        var json = new Option<bool>("--json") { Description = "One JSON object a line, with probabilities." };
        var command = new Command("predict", "Predict new examples with a fine-tuned model.") { model, input, format, split, strict, json };
        command.SetAction(parsed =>
        {
            var (layout, set) = (parsed.GetValue(format), parsed.GetValue(split));
            if (set is not null && layout is InputFormat.Lines or InputFormat.Jsonl)
                throw new ArgumentException($"--split {set} is about the task's own format: leave --format {layout.ToString().ToLowerInvariant()} out.");
            TorchLibrary.EnsureLoaded();
            using var loaded = TaskModel.Load(parsed.GetRequiredValue(model), InferencePrecision.Choose());
            return Predict(loaded, parsed.GetValue(input), set is null ? layout : InputFormat.Task, set, parsed.GetValue(strict), parsed.GetValue(json));
        });
        return command;
    }

    static int Predict(TaskModel model, string? path, InputFormat format, string? set, bool isStrict, bool asJson)
    {
        var report = new TaskReadingReport(isStrict);
        var reader = TaskReader.Open(model.Task, "", model.Labels);
        var split = SplitOf(model.Task, format == InputFormat.Auto ? FormatOf(model.Task, path) : format, path, set);
        var content = path is null ? Console.OpenStandardInput() : TaskReader.OpenFile(path);
        var rows = reader.ReadRows(content, path is null ? "standard input" : Path.GetFileName(path), split, report);
        var text = new PredictionText(model.Labels, model.Settings.NoAnswerThreshold);
        using var output = new StreamWriter(StandardOutput.Open());
        var numTruncated = 0L;
        foreach (var window in new TaskPredictor(model).Predict(Reporting(rows, report), InputFile.IsLive(content)))
        {
            foreach (var (row, prediction) in window)
            {
                output.WriteLine(asJson ? text.Json(row, prediction) : text.Plain(prediction));
                if (prediction is { IsTruncated: true }) numTruncated++;
            }
            output.Flush();
        }
        if (report.Counts.Values.Sum() - report.Problems.Count() is > 0 and var more) Console.Error.WriteLine($"electra: {more:N0} more bad lines");
        if (report.NumDropped > 0)
            Console.Error.WriteLine($"electra: {report.NumDropped:N0} of {report.NumRows:N0} rows have no prediction; {(asJson ? "an \"error\"" : "an empty line")} keeps their place");
        if (numTruncated > 0) Console.Error.WriteLine($"electra: {TaskSet.TruncationNote(numTruncated, report.NumRows - report.NumDropped, model.Settings.MaxLength)}");
        return report.NumRows > 0 && report.NumDropped == report.NumRows ? ExitCodes.UserMistake : ExitCodes.Success;
    }

    /// <summary>The rows, with every bad one told as soon as it is met.</summary>
    static IEnumerable<InputRow> Reporting(IEnumerable<InputRow> rows, TaskReadingReport report)
    {
        var told = new HashSet<TaskProblem>();
        foreach (var row in rows)
        {
            Tell();
            yield return row;
        }
        Tell();

        void Tell()
        {
            if (report.Counts.Values.Sum() == told.Count) return;
            foreach (var problem in report.Problems)
                if (told.Add(problem)) Console.Error.WriteLine($"electra: {problem.Source}: {problem.Message}{(problem.IsDropped ? "; no prediction" : "")}");
        }
    }

    /// <summary>The format that a file's name stands for; of standard input, lines.</summary>
    internal static InputFormat FormatOf(TaskDefinition task, string? path)
    {
        if (path is null) return InputFormat.Lines;
        var extension = ExtensionOf(path);
        // A tagged file in columns and a file of sentences may both be .txt: like is taken for like.
        if (task.Splits.Values.Any(split => ExtensionOf(split.File) == extension)) return InputFormat.Task;
        return extension switch { ".txt" => InputFormat.Lines, ".jsonl" => InputFormat.Jsonl, _ => InputFormat.Task };
    }

    static string ExtensionOf(string path) => Path.GetExtension(NameOf(path));

    /// <summary>The name of a file in lower case, as it is when not compressed.</summary>
    static string NameOf(string path)
    {
        var name = Path.GetFileName(path).ToLowerInvariant();
        foreach (var compressed in (string[])[".gz", ".zst"])
            if (name.EndsWith(compressed, StringComparison.Ordinal)) name = name[..^compressed.Length];
        return name;
    }

    /// <summary>How the rows of an input stand in it.</summary>
    /// <param name="set">The set that it is laid out as; null: the one whose file has its name, else one without labels.</param>
    internal static TaskSplit SplitOf(TaskDefinition task, InputFormat format, string? path, string? set) => format switch
    {
        InputFormat.Lines => new TaskSplit("", HasLabels: false, new TaskFormat(TaskFileType.Lines)),
        InputFormat.Jsonl => new TaskSplit("", HasLabels: false, new TaskFormat(TaskFileType.Jsonl), new TaskColumns(
            Text: "text", SecondText: task.IsPair ? "second_text" : (TaskColumn?)null, Id: "id", Words: "words", Question: "question", Context: "context")),
        _ when set is not null => Whole(task.Split(set)),
        // New examples have the columns of a set without labels, unless their file is that of another set.
        _ => Whole(task.Splits.Values.FirstOrDefault(split => path is not null && NameOf(split.File) == NameOf(path)) ?? task.Splits.Values.OrderBy(split => split.HasLabels).First()),
    };

    static TaskSplit Whole(TaskSplit split) => split with { HasLabels = false, MaxExamples = 0, Articles = null };
}
