using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Inference;
using Electra.Numerics;

namespace Electra.Cli;

/// <summary><c>electra detect</c>, <c>fill-mask</c> and <c>embed</c>: a pretrained model on text.</summary>
static class TextCommands
{
    public static Command CreateDetect()
    {
        var (model, text, json) = Arguments("A discriminator: RUN/model/discriminator, or a Hugging Face directory.");
        var command = new Command("detect", "Colour each token by its probability of being a replacement.") { model, json, text };
        command.SetAction(parsed =>
        {
            TorchLibrary.EnsureLoaded();
            using var detector = ReplacedTokenDetector.Load(NetworkOf(parsed.GetRequiredValue(model), "discriminator"), Note);
            if (parsed.GetValue(text) is null) detector.UseKernels();
            foreach (var (line, number) in TextsFrom(parsed.GetValue(text)))
            {
                var tokens = Named(number, () => detector.Detect(line));
                if (parsed.GetValue(json) || Console.IsOutputRedirected)
                    Console.WriteLine(JsonSerializer.Serialize(new DetectOutput(line, tokens), InferenceJson.Default.DetectOutput));
                else
                    Console.WriteLine(JudgedText.Coloured(line, tokens));
            }
            if (!parsed.GetValue(json) && !Console.IsOutputRedirected) Console.WriteLine(JudgedText.Legend);
            return ExitCodes.Success;
        });
        return command;
    }

    public static Command CreateFillMask()
    {
        var (model, text, json) = Arguments("A masked language model: RUN/model/generator, or a Hugging Face directory.");
        var count = new Option<int>("--top") { Description = "Candidates for each mask.", DefaultValueFactory = _ => 5 };
        var command = new Command("fill-mask", "The likeliest tokens for each [MASK] of a text.") { model, json, count, text };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(count) < 1) throw new ArgumentException($"--top {parsed.GetValue(count)}: at least 1 is needed.");
            TorchLibrary.EnsureLoaded();
            using var filler = MaskFiller.Load(NetworkOf(parsed.GetRequiredValue(model), "generator"), Note);
            if (parsed.GetValue(text) is null) filler.UseKernels();
            foreach (var (line, number) in TextsFrom(parsed.GetValue(text)))
            {
                var masks = Named(number, () => filler.Fill(line, parsed.GetValue(count)));
                if (parsed.GetValue(json))
                    Console.WriteLine(JsonSerializer.Serialize(new FillMaskOutput(line, masks), InferenceJson.Default.FillMaskOutput));
                else
                    foreach (var mask in masks)
                        foreach (var candidate in mask) Console.WriteLine($"{candidate.Probability,7:P1}  {candidate.Token,-16}  {candidate.Text}");
            }
            return ExitCodes.Success;
        });
        return command;
    }

    public static Command CreateEmbed()
    {
        var (model, text, json) = Arguments("Any encoder: a Hugging Face directory of ELECTRA, BERT or RoBERTa.");
        json.Description = "Accepted for symmetry: the output is always JSON, one line a text.";
        var pooling = new Option<Pooling>("--pooling") { Description = "mean over the tokens, or the first token." };
        var command = new Command("embed", "A vector for each line of text, as JSON lines.") { model, json, pooling, text };
        command.SetAction(parsed =>
        {
            TorchLibrary.EnsureLoaded();
            using var embedder = TextEmbedder.Load(NetworkOf(parsed.GetRequiredValue(model), "discriminator"), Note, InferencePrecision.Choose());
            foreach (var lines in TextsFrom(parsed.GetValue(text)).Select(text => text.Line).Chunk(LinesAtOnce))
                foreach (var (line, vector) in lines.Zip(embedder.Embed(lines, parsed.GetValue(pooling))))
                    Console.WriteLine(JsonSerializer.Serialize(new EmbedOutput(line, vector), InferenceJson.Default.EmbedOutput));
            if (embedder.NumCut > 0)
                Console.Error.WriteLine($"warning: {embedder.NumCut:N0} {(embedder.NumCut == 1 ? "text was" : "texts were")} longer than the model's {embedder.MaxLength:N0} tokens and cut there: the vectors are of the beginnings");
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Enough to sort by length, few enough to stream.</summary>
    const int LinesAtOnce = 1024;

    static (Option<string> Model, Argument<string?> Text, Option<bool> Json) Arguments(string modelDescription) => (
        new Option<string>("--model") { Description = modelDescription, Required = true },
        new Argument<string?>("text") { Arity = ArgumentArity.ZeroOrOne, Description = "The text; without it, lines of standard input." },
        new Option<bool>("--json") { Description = "One JSON object a line." });

    /// <summary>A run or its model folder stands for the network in it that the command needs.</summary>
    static string NetworkOf(string path, string network) =>
        new[] { Path.Combine(path, network), Path.Combine(path, "model", network) }.FirstOrDefault(Directory.Exists) ?? path;

    /// <summary>The text given, or the lines of standard input with their numbers from 1.</summary>
    static IEnumerable<(string Line, long? Number)> TextsFrom(string? argument)
    {
        if (argument is not null)
        {
            yield return (argument, null);
            yield break;
        }
        var number = 0L;
        foreach (var line in TextLines.Read(Console.OpenStandardInput(), "standard input")) yield return (Encoding.UTF8.GetString(line.Span), ++number);
    }

    static void Note(string line) => Console.Error.WriteLine($"electra: {line}");

    /// <summary>What a line gives; an error says which line it was.</summary>
    static T Named<T>(long? number, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (number is not null && exception is InvalidDataException or ArgumentException)
        {
            throw new InvalidDataException($"standard input, line {number:N0}: {exception.Message}", exception);
        }
    }
}

sealed record DetectOutput(string Text, IReadOnlyList<JudgedToken> Tokens);

sealed record FillMaskOutput(string Text, IReadOnlyList<IReadOnlyList<FilledMask>> Masks);

sealed record EmbedOutput(string Text, float[] Vector);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DetectOutput))]
[JsonSerializable(typeof(FillMaskOutput))]
[JsonSerializable(typeof(EmbedOutput))]
sealed partial class InferenceJson : JsonSerializerContext;
