using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Checkpoints;
using Electra.Corpus;
using Electra.Numerics;
using Electra.Pretraining;
using Electra.Training;

namespace Electra.Cli;

/// <summary><c>electra verify</c>: this implementation against stored values of another, or its kernels against autograd.</summary>
static class VerifyCommand
{
    public static Command Create()
    {
        var model = new Argument<string?>("MODEL") { Arity = ArgumentArity.ZeroOrOne, Description = "A model directory." };
        var expected = new Argument<string?>("EXPECTED") { Arity = ArgumentArity.ZeroOrOne, Description = "A safetensors file of inputs, labels, expected outputs and, if any, gradients (grad.NAME)." };
        var trainingRun = new Option<string?>("--training-run") { Description = "A recorded joint training run to repeat, in place of MODEL and EXPECTED." };
        var recipe = new Option<string?>("--recipe") { Description = "A pretraining recipe, in place of MODEL and EXPECTED: compare the explicit kernels with plain torch operations and autograd in its first steps, in float32." };
        var data = new Option<string?>("--data") { Description = "With --recipe: a dataset; the bundled text by default." };
        var steps = new Option<int>("--steps") { DefaultValueFactory = _ => 3, Description = "With --recipe: how many steps." };
        var overrides = new Option<string[]>("--set") { Description = "With --recipe: change one value of it, section.key=value; may be given often." };
        var plain = new Option<bool>("--plain") { Description = "Use plain torch operations in place of the explicit kernels." };
        var tolerance = new Option<double>("--tolerance") { DefaultValueFactory = _ => 1e-4, Description = "Largest absolute error of an output or weight, relative of a training run's figure." };
        var gradientTolerance = new Option<double>("--gradient-tolerance") { DefaultValueFactory = _ => 1e-3, Description = "Largest error of a gradient, relative to its largest value." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("verify", "Compare outputs, gradients or a training run with stored ones of another implementation, or the kernels with autograd.")
        {
            model, expected, trainingRun, recipe, data, steps, overrides, plain, tolerance, gradientTolerance, json,
        };
        command.SetAction(parsed =>
        {
            TorchLibrary.EnsureLoaded();
            var (limit, gradientLimit) = (parsed.GetValue(tolerance), parsed.GetValue(gradientTolerance));
            var rows = (parsed.GetValue(trainingRun), parsed.GetValue(recipe), parsed.GetValue(model)) switch
            {
                ({ } directory, null, null) => TrainingRunReference.Compare(directory, usesKernels: !parsed.GetValue(plain), limit),
                (null, { }, null) when parsed.GetValue(plain) => throw new ArgumentException("--recipe compares the explicit kernels with plain torch operations: leave --plain out."),
                (null, { } path, null) => CompareKernels(path, parsed.GetValue(overrides) ?? [], parsed.GetValue(data), parsed.GetValue(steps), limit, gradientLimit),
                (null, null, { } directory) => CompareModel(
                    directory, parsed.GetValue(expected) ?? throw new ArgumentException("Against what? Give EXPECTED, a safetensors file of stored outputs."),
                    !parsed.GetValue(plain), limit, gradientLimit),
                _ => throw new ArgumentException("Verify what? Give one of: MODEL and EXPECTED, --training-run DIR, --recipe RECIPE."),
            };
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

    static IReadOnlyList<ReferenceComparison.Row> CompareModel(string model, string expected, bool usesKernels, double tolerance, double gradientTolerance)
    {
        using var loaded = ModelDirectory.Load(model, device: ComputeDevice.InUse);
        foreach (var line in loaded.Report.Lines()) Console.Error.WriteLine($"electra: {line}");
        using var file = SafetensorsFile.Open(expected);
        if (usesKernels) loaded.Network.UseKernels(Environment.ProcessorCount);
        return ReferenceComparison.Run(loaded.Network, file, tolerance, gradientTolerance);
    }

    static IReadOnlyList<ReferenceComparison.Row> CompareKernels(string path, string[] overrides, string? data, int steps, double tolerance, double gradientTolerance)
    {
        if (RecipeFile.HasKey(path, "task")) throw new ArgumentException($"{path} is a recipe for fine-tuning; --recipe takes one for pretraining.");
        if (steps < 1) throw new ArgumentException($"--steps is {steps}, it must be at least 1.");
        var recipe = RecipeFile.Load(path, PretrainingJson.Default.PretrainingRecipe, overrides);
        recipe.Check(path);
        if (recipe.Precision == PrecisionChoice.BFloat16)
            throw new ArgumentException($"{path}: precision is bfloat16, whose kernels differ from autograd by their rounding; they are compared in float32. Leave it out or give --set precision=float32.");
        using var dataset = data is null ? BundledDataset.Open() : TokenizedDataset.Open(data);
        return KernelComparison.Compare(recipe, dataset, steps, tolerance, gradientTolerance);
    }

    static void Print(IReadOnlyList<ReferenceComparison.Row> rows, bool passes)
    {
        var width = rows.Max(row => row.Name.Length);
        Console.WriteLine($"{"compared".PadRight(width)}  {"error",9}  {"limit",7}");
        foreach (var row in rows.OrderByDescending(row => double.IsNaN(row.Error) ? double.PositiveInfinity : row.Error / row.Tolerance))
            Console.WriteLine($"{row.Name.PadRight(width)}  {row.Error,9:0.00e+00}  {row.Tolerance,7:0e+00}{(row.Passes ? "" : "  above")}");
        var numAbove = rows.Count(row => !row.Passes);
        Console.WriteLine(passes ? $"{rows.Count} agree" : $"{numAbove} of {rows.Count} are above tolerance");
    }
}

sealed record VerifyOutput(bool Passes, IReadOnlyList<VerifyRow> Tensors);

sealed record VerifyRow(string Name, double Error, double Tolerance, bool Passes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(VerifyOutput))]
sealed partial class VerifyJson : JsonSerializerContext;
