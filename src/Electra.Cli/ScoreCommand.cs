using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Electra.Evaluation;

namespace Electra.Cli;

/// <summary>electra score: the official metrics of a benchmark, from a file of predictions alone.</summary>
static class ScoreCommand
{
    public static Command Create() => new("score", "Compute the official metrics of a file of predictions.")
    {
        CreateGlue(), CreateSquad(), CreateTagging(),
    };

    static Command CreateGlue()
    {
        var names = string.Join(", ", GlueTask.All.Select(known => known.Name));
        var task = new Option<string>("--task") { Required = true, Description = $"One of {names}." };
        var labels = new Option<string>("--labels") { Required = true, Description = "Gold labels, one per line: names or numbers." };
        var predictions = new Option<string>("--predictions") { Required = true, Description = "Predictions in the same order, one per line." };
        var json = JsonOption();
        var command = new Command("glue", "Accuracy, F1, Matthews, Pearson and Spearman, as the GLUE task asks for.") { task, labels, predictions, json };
        command.SetAction(parsed =>
        {
            var known = GlueTask.Find(parsed.GetRequiredValue(task));
            var scores = GlueScore.Of(known, parsed.GetRequiredValue(labels), parsed.GetRequiredValue(predictions));
            if (parsed.GetValue(json))
            {
                PrintJson(writer => { foreach (var (name, value) in scores) WriteNumber(writer, name, value); });
                return;
            }
            foreach (var (name, value) in scores) Console.WriteLine($"{name,-10} {Fraction(value)}");
        });
        return command;
    }

    static Command CreateSquad()
    {
        var data = new Option<string>("--data") { Required = true, Description = "SQuAD JSON, version 1.1 or 2.0." };
        var predictions = new Option<string>("--predictions") { Required = true, Description = "JSON object from question id to answer; empty for no answer." };
        var scores = new Option<string?>("--na-probs") { Description = "JSON object from question id to the probability (or score) of no answer." };
        var threshold = new Option<double>("--na-threshold") { DefaultValueFactory = _ => 1, Description = "With --na-probs: questions above it count as unanswered." };
        var json = JsonOption();
        var command = new Command("squad", "Exact match and F1 of answers, with SQuAD 2.0's no-answer thresholds.") { data, predictions, scores, threshold, json };
        command.SetAction(parsed =>
        {
            var (questions, isVersion2) = SquadQuestion.Read(parsed.GetRequiredValue(data));
            var result = SquadEvaluation.Of(questions, isVersion2, SquadPredictions.ReadAnswers(parsed.GetRequiredValue(predictions)),
                parsed.GetValue(scores) is { } path ? SquadPredictions.ReadNoAnswerScores(path) : null, parsed.GetValue(threshold));
            if (result.NumMissing > 0)
                Console.Error.WriteLine($"warning: {result.NumMissing:N0} of {questions.Count:N0} questions have no prediction; each counts 0");
            if (result.NumUnknown > 0)
                Console.Error.WriteLine($"warning: {result.NumUnknown:N0} predictions are for ids that the data lacks; they do not count");
            var figures = SquadFigures(result, isVersion2);
            if (parsed.GetValue(json)) PrintJson(writer => { foreach (var (name, value) in figures) WriteNumber(writer, name, value); });
            else foreach (var (name, value) in figures) Console.WriteLine($"{name,-20} {value.ToString(value == Math.Floor(value) ? "N0" : "F6")}");
        });
        return command;
    }

    static Command CreateTagging()
    {
        var file = new Argument<string>("FILE") { Description = "A token a line, the last two columns its gold and its predicted tag; an empty line between sentences." };
        var json = JsonOption();
        var command = new Command("tagging", "Precision, recall and F1 of entities or chunks, as conlleval counts them.") { file, json };
        command.SetAction(parsed =>
        {
            var score = EntityScore.Of(TaggedSentence.Read(parsed.GetRequiredValue(file)));
            if (parsed.GetValue(json)) PrintJson(writer => WriteTagging(writer, score));
            else PrintTagging(score);
        });
        return command;
    }

    /// <summary>The names that the official scripts of each version print.</summary>
    static List<(string Name, double Value)> SquadFigures(SquadEvaluation result, bool isVersion2)
    {
        List<(string, double)> figures =
        [
            (isVersion2 ? "exact" : "exact_match", result.Overall.Exact), ("f1", result.Overall.F1), ("total", result.Overall.Total),
        ];
        foreach (var (name, part) in new[] { ("HasAns", result.HasAnswer), ("NoAns", result.NoAnswer) })
            if (part is { Total: > 0 })
                figures.AddRange([($"{name}_exact", part.Exact), ($"{name}_f1", part.F1), ($"{name}_total", part.Total)]);
        if (result.BestExact is { } exact) figures.AddRange([("best_exact", exact.Best), ("best_exact_thresh", exact.Threshold)]);
        if (result.BestF1 is { } f1) figures.AddRange([("best_f1", f1.Best), ("best_f1_thresh", f1.Threshold)]);
        figures.Add(("missing_predictions", result.NumMissing));
        return figures;
    }

    static void WriteTagging(Utf8JsonWriter writer, EntityScore score)
    {
        var overall = score.Overall;
        writer.WriteNumber("tokens", score.NumTokens);
        writer.WriteNumber("phrases", overall.Expected);
        writer.WriteNumber("found", overall.Found);
        writer.WriteNumber("correct", overall.Correct);
        WriteNumber(writer, "accuracy", 100 * score.TokenAccuracy);
        WritePercentages(writer, overall);
        writer.WriteStartObject("per_type");
        foreach (var (type, counts) in score.PerType)
        {
            writer.WriteStartObject(type);
            writer.WriteNumber("gold", counts.Expected);
            writer.WriteNumber("pred", counts.Found);
            writer.WriteNumber("correct", counts.Correct);
            WritePercentages(writer, counts);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    static void WritePercentages(Utf8JsonWriter writer, PrecisionRecall counts)
    {
        writer.WriteNumber("precision", 100 * counts.Precision);
        writer.WriteNumber("recall", 100 * counts.Recall);
        writer.WriteNumber("f1", 100 * counts.F1);
    }

    static void PrintTagging(EntityScore score)
    {
        var overall = score.Overall;
        Console.WriteLine($"{score.NumTokens:N0} tokens, {overall.Expected:N0} phrases; {overall.Found:N0} found, {overall.Correct:N0} correct");
        Console.WriteLine($"token accuracy {100 * score.TokenAccuracy:F2} %");
        Console.WriteLine($"{"",-12}{"precision",10}{"recall",10}{"F1",10}{"phrases",10}{"found",10}");
        foreach (var (type, counts) in score.PerType.Append(new("all", overall)))
            Console.WriteLine($"{type,-12}{100 * counts.Precision,10:F2}{100 * counts.Recall,10:F2}{100 * counts.F1,10:F2}{counts.Expected,10:N0}{counts.Found,10:N0}");
    }

    static Option<bool> JsonOption() => new("--json") { Description = "Print one JSON object." };

    static string Fraction(double value) =>
        double.IsNaN(value) ? "undefined (one of the files holds a single value)" : value.ToString("F6", CultureInfo.InvariantCulture);

    static void WriteNumber(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumber(name, value);
        else writer.WriteNull(name);
    }

    static void PrintJson(Action<Utf8JsonWriter> writeProperties)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writeProperties(writer);
            writer.WriteEndObject();
        }
        Console.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
