using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Model;
using Electra.Pretraining;
using Electra.Training;

namespace Electra.Cli;

/// <summary><c>electra bench flops</c>: what a recipe's step and run cost, counted and not measured.</summary>
static class FlopsBench
{
    /// <summary>Vocabularies of the papers: BERT's WordPiece and RoBERTa's byte-level BPE.</summary>
    const int WordPieceSize = 30_522, RobertaSize = 50_265;

    public static Command Create()
    {
        var recipe = new Argument<string>("recipe") { Description = "The recipe." };
        var vocabulary = new Option<int?>("--vocab-size") { Description = "Tokens of the vocabulary; 30,522 by default, 50,265 for RoBERTa." };
        var overrides = new Option<string[]>("--set") { Description = "Change one value of the recipe, section.key=value; may be given often." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("flops", "Floating point operations of a recipe's step and run, with full rows.") { recipe, vocabulary, overrides, json };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(recipe);
            var loaded = RecipeFile.Load(path, PretrainingJson.Default.PretrainingRecipe, parsed.GetValue(overrides) ?? []);
            loaded.Check(path);
            var size = parsed.GetValue(vocabulary) ?? (loaded.Model.Family == EncoderFamily.Roberta ? RobertaSize : WordPieceSize);
            if (size < 1) throw new ArgumentException($"--vocab-size is {size}, it must be at least 1.");
            var cost = RunCost.Of(loaded, size);
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(cost, FlopsBenchJson.Default.RunCost));
            else Print(cost);
        });
        return command;
    }

    static void Print(RunCost cost)
    {
        foreach (var phase in cost.Phases)
        {
            Console.WriteLine($"""
                {phase.Size:N0} x {phase.Length} tokens a step, vocabulary {cost.VocabularySize:N0}
                  a step       {phase.FlopsPerStep:0.0000e0}   as google-research/electra counts {phase.PublishedFlopsPerStep:0.0000e0}
                  a sequence   {phase.FlopsPerSequence:0.0000e0}   as google-research/electra counts {phase.PublishedFlopsPerSequence:0.0000e0}
                """);
            foreach (var (name, flops) in phase.Parts) Console.WriteLine($"    {name,-20} {flops:0.0000e0}  {flops / phase.FlopsPerSequence,6:P1}");
        }
        if (cost.Steps > 0) Console.WriteLine($"{cost.Steps:N0} steps: {cost.Flops:0.0000e0}   as google-research/electra counts {cost.PublishedFlops:0.0000e0}");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RunCost))]
sealed partial class FlopsBenchJson : JsonSerializerContext;
