using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Checkpoints;
using Electra.Numerics;

namespace Electra.Cli;

/// <summary><c>electra verify</c>: this implementation against stored values of another.</summary>
static class VerifyCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A model directory." };
        var expected = new Argument<string>("EXPECTED") { Description = "A safetensors file of inputs, labels, expected outputs and, if any, gradients (grad.NAME)." };
        var tolerance = new Option<double>("--tolerance") { DefaultValueFactory = _ => 1e-4, Description = "Largest absolute error of an output." };
        var gradientTolerance = new Option<double>("--gradient-tolerance") { DefaultValueFactory = _ => 1e-3, Description = "Largest error of a gradient, relative to its largest value." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("verify", "Compare outputs and gradients of a model with stored ones of another implementation.") { model, expected, tolerance, gradientTolerance, json };
        command.SetAction(parsed =>
        {
            TorchLibrary.EnsureLoaded();
            using var loaded = ModelDirectory.Load(parsed.GetRequiredValue(model));
            foreach (var line in loaded.Report.Lines()) Console.Error.WriteLine($"electra: {line}");
            using var file = SafetensorsFile.Open(parsed.GetRequiredValue(expected));
            var rows = ReferenceComparison.Run(loaded.Network, file, parsed.GetValue(tolerance), parsed.GetValue(gradientTolerance));
            var passes = rows.All(row => row.Passes);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(
                    new VerifyOutput(passes, [.. rows.Select(row => new VerifyRow(row.Name, row.Error, row.Tolerance, row.Passes))]), VerifyJson.Default.VerifyOutput));
            else
                Print(rows, passes);
            return passes ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    static void Print(IReadOnlyList<ReferenceComparison.Row> rows, bool passes)
    {
        var width = rows.Max(row => row.Name.Length);
        Console.WriteLine($"{"tensor".PadRight(width)}  {"error",9}  {"limit",7}");
        foreach (var row in rows.OrderByDescending(row => double.IsNaN(row.Error) ? double.PositiveInfinity : row.Error / row.Tolerance))
            Console.WriteLine($"{row.Name.PadRight(width)}  {row.Error,9:e2}  {row.Tolerance,7:e0}{(row.Passes ? "" : "  above")}");
        var numAbove = rows.Count(row => !row.Passes);
        Console.WriteLine(passes ? $"{rows.Count} tensors agree" : $"{numAbove} of {rows.Count} tensors are above tolerance");
    }
}

sealed record VerifyOutput(bool Passes, IReadOnlyList<VerifyRow> Tensors);

sealed record VerifyRow(string Name, double Error, double Tolerance, bool Passes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(VerifyOutput))]
sealed partial class VerifyJson : JsonSerializerContext;
