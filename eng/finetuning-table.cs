// Prints the table of fine-tuning results from docs/results/finetuning/*.json: dotnet run eng/finetuning-table.cs
using System.Globalization;
using System.Text.Json;

var folder = args is [var given] ? given : "docs/results/finetuning";
string[] tasks = ["cola", "sst2", "mrpc", "stsb", "rte", "conll2000"];
Console.WriteLine("| task | metric | majority | random weights | pretrained | difference of medians |\n|---|---|---|---|---|---|");
foreach (var task in tasks)
{
    var (random, pretrained) = (Read(task, "random"), Read(task, "pretrained"));
    if ((pretrained ?? random) is not { } known) continue;
    var difference = random is { } from && pretrained is { } to ? $"{Median(to) - Median(from):+0.0;-0.0}" : "";
    Console.WriteLine($"| {known.GetProperty("task").GetString()} | {known.GetProperty("main_metric").GetString()} | {Number(known.GetProperty("majority"))} | {Cell(random)} | {Cell(pretrained)} | {difference} |");
}

JsonElement? Read(string task, string start)
{
    var path = Path.Combine(folder, $"{task}-{start}.json");
    return File.Exists(path) ? JsonDocument.Parse(File.ReadAllText(path)).RootElement : null;
}

string Cell(JsonElement? summary)
{
    if (summary is not { } known) return "not run";
    var setting = known.GetProperty("settings")[0];
    var failed = setting.GetProperty("failed_seeds").GetArrayLength();
    return $"{Number(setting.GetProperty("median"))} ({Number(setting.GetProperty("mean"))} ± {Number(setting.GetProperty("standard_deviation"))}){(failed > 0 ? $", {failed} failed" : "")}";
}

double Median(JsonElement summary) => 100 * summary.GetProperty("settings")[0].GetProperty("median").GetDouble();

// Fractions as percentages; a figure that is undefined is written as a name.
string Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? (100 * value.GetDouble()).ToString("F1", CultureInfo.InvariantCulture) : "–";
