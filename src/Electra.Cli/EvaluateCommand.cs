using System.CommandLine;
using System.Text;
using System.Text.Json;
using Electra.FineTuning;
using Electra.FineTuning.Report;
using Electra.Numerics;

namespace Electra.Cli;

/// <summary><c>electra evaluate</c>: a fine-tuned model on labelled examples, or two of them against each other.</summary>
static class EvaluateCommand
{
    public static Command Create()
    {
        var model = new Option<string?>("--model") { Description = "A fine-tuned model, or the directory of `electra finetune`." };
        var compare = new Option<string[]>("--compare") { Description = "Two models to compare: a paired bootstrap and McNemar's test.", Arity = new ArgumentArity(2, 2), AllowMultipleArgumentsPerToken = true };
        var data = new Option<string?>("--data") { Description = "The folder of the task's files, or one labelled file; of a run, its own data by default." };
        var split = new Option<string?>("--split") { Description = "A set of the task, such as dev_matched; all dev sets by default." };
        var output = new Option<string?>("--out") { Description = "Where to write predictions, report.html and, for a benchmark's test sets, the files its server takes." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Write into --out even if it holds other files than an evaluation's." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("evaluate", "Judge a fine-tuned model on labelled examples.") { model, data, split, compare, output, overwrite, json };
        command.SetAction(parsed =>
        {
            TorchLibrary.EnsureLoaded();
            if (parsed.GetValue(compare) is { Length: 2 } pair)
            {
                if (parsed.GetValue(output) is not null) throw new ArgumentException("--compare prints its result and writes nothing: leave --out out.");
                if (parsed.GetValue(model) is not null) throw new ArgumentException("--compare takes both models: leave --model out.");
                return Compare(pair[0], pair[1], parsed.GetValue(data) ?? DataOf(pair[0]), parsed.GetValue(split), parsed.GetValue(json));
            }
            var path = parsed.GetValue(model) ?? throw new ArgumentException("Which model? Give --model DIR, or --compare DIR DIR.");
            return Evaluate(path, parsed.GetValue(data) ?? DataOf(path), parsed.GetValue(split), parsed.GetValue(output), parsed.GetValue(overwrite), parsed.GetValue(json));
        });
        return command;
    }

    static int Evaluate(string path, string data, string? split, string? output, bool overwrites, bool asJson)
    {
        using var model = TaskModel.Load(path, InferencePrecision.Choose());
        var sets = TaskEvaluation.Open(model, data, split, Warn);
        var directory = output is null ? null : EvaluationDirectory.Begin(output, overwrites, model.Task.Name, path, data);
        var evaluated = new List<EvaluatedSet>();
        foreach (var set in sets)
        {
            var predictions = TaskEvaluation.Predict(model, set);
            var metrics = TaskEvaluation.Judge(model, set, predictions);
            evaluated.Add(new EvaluatedSet(set.Dataset, predictions, metrics, set.IsCollapsed(predictions), model.Settings.NoAnswerThreshold));
            directory?.Add(set.Name, metrics);
            if (directory is not null) TaskEvaluation.WritePredictions(model, directory.TaskFolder, set, predictions);
            if (!asJson)
            {
                Console.WriteLine($"{model.Task.Name}, {set.Name}, {set.Dataset.Examples.Count:N0} examples: {FineTuningText.Figures(metrics)}{(evaluated[^1].HasFailed ? "; FAILED: one answer to everything" : "")}");
                continue;
            }
            Print(writer =>
            {
                writer.WriteString("task", model.Task.Name);
                writer.WriteString("set", set.Name);
                writer.WriteNumber("examples", set.Dataset.Examples.Count);
                foreach (var (name, value) in metrics) Write(writer, name, value);
            });
        }
        if (output is null || directory is null) return ExitCodes.Success;
        var report = Path.Combine(directory.TaskFolder, "report.html");
        EvaluationReport.Write(report, $"{model.Task.Name}: {Path.GetFileName(Path.TrimEndingDirectorySeparator(path))}", evaluated);
        if (Directory.Exists(data))
        {
            foreach (var set in TaskEvaluation.OpenSubmissions(model, data, Warn))
            {
                var predictions = TaskEvaluation.Predict(model, set);
                TaskEvaluation.WritePredictions(model, directory.TaskFolder, set, predictions);
                TaskEvaluation.WriteSubmission(output, set, predictions);
            }
        }
        Console.Error.WriteLine($"figures, errors and calibration: {report}");
        return ExitCodes.Success;
    }

    static int Compare(string firstPath, string secondPath, string data, string? split, bool asJson)
    {
        var precision = InferencePrecision.Choose();
        using var first = TaskModel.Load(firstPath, precision);
        using var second = TaskModel.Load(secondPath, precision);
        var result = TaskEvaluation.Compare(first, second, data, split, Warn);
        var bootstrap = result.Bootstrap;
        if (asJson)
        {
            Print(writer =>
            {
                writer.WriteString("metric", result.Metric);
                writer.WriteNumber("examples", result.NumExamples);
                Write(writer, "first", bootstrap.First);
                Write(writer, "second", bootstrap.Second);
                Write(writer, "difference", bootstrap.Difference);
                Write(writer, "lower", bootstrap.Lower);
                Write(writer, "upper", bootstrap.Upper);
                Write(writer, "p_value", bootstrap.PValue);
                if (result.McNemar is not { } test) return;
                writer.WriteNumber("only_first_correct", test.OnlyFirstCorrect);
                writer.WriteNumber("only_second_correct", test.OnlySecondCorrect);
                Write(writer, "mcnemar_p_value", test.ExactPValue);
            });
            return ExitCodes.Success;
        }
        Console.WriteLine($"""
            {first.Task.Name}, {result.NumExamples:N0} examples, {result.Metric}
            first   {FineTuningText.Number(bootstrap.First)}   {firstPath}
            second  {FineTuningText.Number(bootstrap.Second)}   {secondPath}
            difference {bootstrap.Difference:+0.0000;-0.0000;0.0000}, 95 % of {bootstrap.NumResamples:N0} draws within {bootstrap.Lower:+0.0000;-0.0000;0.0000} to {bootstrap.Upper:+0.0000;-0.0000;0.0000}, p = {bootstrap.PValue:F4} (paired bootstrap)
            """);
        if (result.McNemar is { } mcNemar)
            Console.WriteLine($"right only in the first {mcNemar.OnlyFirstCorrect:N0}, only in the second {mcNemar.OnlySecondCorrect:N0}, p = {mcNemar.ExactPValue:F4} (McNemar, exact)");
        return ExitCodes.Success;
    }

    /// <summary>A run knows its data.</summary>
    static string DataOf(string path)
    {
        for (var (folder, level) = (Path.GetFullPath(path), 0); folder is not null && level < 3; (folder, level) = (Path.GetDirectoryName(folder), level + 1))
            if (File.Exists(Path.Combine(folder, "recipe.json")) && File.Exists(Path.Combine(folder, "manifest.json"))) return FineTuningRun.Open(folder).Manifest.Data;
        throw new ArgumentException($"Which data? {path} lies in no run that would know: give --data, a folder or a file.");
    }

    static void Warn(string message) => Console.Error.WriteLine($"electra: {message}");

    static void Write(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumber(name, value);
        else writer.WriteNull(name);
    }

    static void Print(Action<Utf8JsonWriter> writeProperties)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writeProperties(writer);
            writer.WriteEndObject();
        }
        Console.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
