using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Corpus;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>electra corpus: text to a tokenised dataset, and what such a dataset holds.</summary>
static class CorpusCommand
{
    const double LargeValidationShare = 0.2;

    public static Command Create() => new("corpus", "Build, inspect and verify tokenised datasets.") { CreateBuild(), CreateInspect(), CreateVerify() };

    /// <summary>The option that <c>bench corpus</c> shares.</summary>
    public static Option<string> SentencesOption() =>
        new Option<string>("--sentences") { DefaultValueFactory = _ => "split", Description = "split: sentences end by rules inside lines. line: each line is one." }.AcceptOnlyFromAmong("split", "line");

    public static SentenceBoundaries ParseSentences(string name) => Enum.Parse<SentenceBoundaries>(name, ignoreCase: true);

    static Command CreateBuild()
    {
        var input = new Option<string[]>("--input") { Required = true, AllowMultipleArgumentsPerToken = true, Description = "Files, folders or globs: .txt (a blank line ends a document), .jsonl or .parquet ('text'), each plain, .gz or .zst." };
        var tokenizer = new Option<string>("--tokenizer") { Required = true, Description = "Tokenizer directory." };
        var output = new Option<string>("--out") { Required = true, Description = "Where the dataset will be; must not exist." };
        var fraction = new Option<double>("--validation-fraction") { DefaultValueFactory = _ => new DatasetOptions().ValidationFraction, Description = "Share of documents held out; a small corpus holds out more, up to 20,000 tokens or a tenth to measure on." };
        var validation = new Option<string[]>("--validation") { AllowMultipleArgumentsPerToken = true, Description = "A validation corpus; then nothing is held out." };
        var sentences = SentencesOption();
        var seed = new Option<ulong>("--seed") { Description = "Of the choice of held-out documents." };
        var workers = new Option<int>("--workers") { Description = "Threads that tokenise; 0 takes one per core. The dataset is the same for any number." };
        var command = new Command("build", "Tokenise text into a dataset with a held-out part.") { input, tokenizer, output, fraction, validation, sentences, seed, workers };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetResult(fraction) is { Implicit: false } && parsed.GetResult(validation) is { Implicit: false })
                parsed.AddError("--validation-fraction and --validation exclude each other: a given validation corpus leaves nothing to hold out.");
        });
        command.SetAction(parsed =>
        {
            var options = new DatasetOptions(
                parsed.GetValue(fraction), parsed.GetValue(validation) is { Length: > 0 } given ? given : null, ParseSentences(parsed.GetRequiredValue(sentences)), parsed.GetValue(seed), parsed.GetValue(workers));
            var builder = new TokenizedDatasetBuilder(TokenizerDirectory.Load(parsed.GetRequiredValue(tokenizer)), options);
            using var interruption = new Interruption("stopping; what was written is removed");
            DatasetManifest manifest;
            try
            {
                manifest = BuildProgressDisplay.Show(progress => builder.Build(parsed.GetRequiredValue(input), parsed.GetRequiredValue(output), progress, interruption.Token));
            }
            catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
            {
                return interruption.ExitCode;
            }
            foreach (var warning in manifest.Reading.Warnings()) Console.Error.WriteLine($"warning: {warning}");
            var heldOut = (double)manifest.Validation.Tokens / (manifest.Training.Tokens + manifest.Validation.Tokens);
            if (manifest.ValidationFraction is not null && heldOut > LargeValidationShare)
                Console.Error.WriteLine($"warning: {heldOut:P0} of all tokens are held out, as the documents are few; --validation names a validation corpus instead");
            PrintCounts("training", manifest.Training);
            PrintCounts("validation", manifest.Validation);
            return ExitCodes.Success;
        });
        return command;
    }

    static Command CreateInspect()
    {
        var directory = new Argument<string>("dataset") { Description = "Dataset directory." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("inspect", "What a dataset holds, and what was met while its text was read.") { directory, json };
        command.SetAction(parsed =>
        {
            using var dataset = TokenizedDataset.Open(parsed.GetRequiredValue(directory));
            var (training, validation) = (SplitFigures.Of(dataset.Training), SplitFigures.Of(dataset.Validation));
            var manifest = dataset.Manifest;
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(
                    new DatasetFigures(dataset.Identity, manifest.TokenizerIdentity, manifest.VocabularySize, manifest.Sentences, training, validation, manifest.Reading),
                    CorpusCommandJson.Default.DatasetFigures));
                return;
            }
            Console.WriteLine($"identity    {dataset.Identity}");
            Console.WriteLine($"tokenizer   {manifest.TokenizerIdentity}, {manifest.VocabularySize:N0} tokens");
            Console.WriteLine($"text        {manifest.Reading.TextBytes:N0} bytes in {manifest.Sources.Count + manifest.ValidationSources.Count:N0} files");
            Print("training", training);
            Print("validation", validation);
            foreach (var warning in manifest.Reading.Warnings()) Console.WriteLine($"reading     {warning}");
        });
        return command;
    }

    static Command CreateVerify()
    {
        var directory = new Argument<string>("dataset") { Description = "Dataset directory." };
        var command = new Command("verify", "Recompute the checksums of a dataset.") { directory };
        command.SetAction(parsed =>
        {
            using var dataset = TokenizedDataset.Open(parsed.GetRequiredValue(directory));
            if (dataset.Verify() is [_, ..] damaged)
                throw new InvalidDataException($"{parsed.GetRequiredValue(directory)}: damaged: {string.Join(", ", damaged)} differ from their checksums. Build the dataset again.");
            Console.WriteLine($"{dataset.Identity}  all checksums match");
        });
        return command;
    }

    static void PrintCounts(string name, SplitManifest split) =>
        Console.WriteLine($"{name,-11} {split.Documents,12:N0} documents {split.Sentences,14:N0} sentences {split.Tokens,16:N0} tokens  {UnknownShare(split.UnknownTokens, split.Tokens):P3} unknown");

    static void Print(string name, SplitFigures split)
    {
        Console.WriteLine($"{name,-11} {split.Documents:N0} documents, {split.Sentences:N0} sentences, {split.Tokens:N0} tokens in {split.Blocks:N0} blocks, {split.UnknownShare:P3} unknown");
        Print("documents", split.DocumentLengths);
        Print("sentences", split.SentenceLengths);
    }

    static void Print(string name, LengthStatistics lengths) =>
        Console.WriteLine($"  {name}: {lengths.Shortest:N0} to {lengths.Longest:N0} tokens, median {lengths.Median:N0}, mean {lengths.Mean:N1}, 95 % under {lengths.Percentile95:N0}");

    static double UnknownShare(long unknown, long tokens) => tokens == 0 ? 0 : (double)unknown / tokens;

    internal sealed record SplitFigures(
        long Documents, long Sentences, long Tokens, long Blocks, double UnknownShare, LengthStatistics DocumentLengths, LengthStatistics SentenceLengths)
    {
        public static SplitFigures Of(DatasetSplit split)
        {
            var (documents, sentences) = LengthStatistics.Of(split);
            return new(split.NumDocuments, split.NumSentences, split.NumTokens, split.NumBlocks, CorpusCommand.UnknownShare(split.Counts.UnknownTokens, split.NumTokens), documents, sentences);
        }
    }

    internal sealed record DatasetFigures(
        string Identity, string TokenizerIdentity, int VocabularySize, SentenceBoundaries SentenceBoundaries, SplitFigures Training, SplitFigures Validation, ReadingReport Reading);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(CorpusCommand.DatasetFigures))]
sealed partial class CorpusCommandJson : JsonSerializerContext;
