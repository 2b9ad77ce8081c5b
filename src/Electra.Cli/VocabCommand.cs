using System.CommandLine;
using System.Diagnostics;
using Electra.Corpus;
using Electra.Files;
using Electra.Tokenization;

namespace Electra.Cli;

/// <summary>electra vocab: train a vocabulary, or look at one.</summary>
static class VocabCommand
{
    public static Command Create() => new("vocab", "WordPiece and byte-level BPE vocabularies.") { CreateTrain(), CreateInspect() };

    static Command CreateTrain()
    {
        var input = new Option<string[]>("--input")
        {
            Description = "Files, folders or globs of .txt, .jsonl or .parquet, plain, .gz or .zst.", Required = true, AllowMultipleArgumentsPerToken = true,
        };
        var size = new Option<int>("--size") { Description = "Tokens of the vocabulary.", DefaultValueFactory = _ => new VocabularyTrainingConfig().Size };
        var kind = new Option<string>("--kind") { Description = "wordpiece (BERT, ELECTRA) or bpe (RoBERTa).", DefaultValueFactory = _ => "wordpiece" };
        kind.AcceptOnlyFromAmong("wordpiece", "bpe");
        var minFrequency = new Option<long>("--min-frequency")
        {
            Description = "Least count of a pair of pieces that is joined.", DefaultValueFactory = _ => new VocabularyTrainingConfig().MinFrequency,
        };
        var alphabet = new Option<int>("--alphabet")
        {
            Description = "Characters kept (wordpiece).", DefaultValueFactory = _ => new VocabularyTrainingConfig().AlphabetLimit,
        };
        var cased = new Option<bool>("--cased") { Description = "Keep capitals and accents (wordpiece)." };
        var keepAccents = new Option<bool>("--no-strip-accents") { Description = "Lower-case, but keep accents (wordpiece)." };
        var output = new Option<string>("--out") { Description = "New directory for the tokenizer's files.", Required = true };
        var command = new Command("train", "Train a vocabulary on text.") { input, size, kind, minFrequency, alphabet, cased, keepAccents, output };
        command.SetAction(arguments =>
        {
            var directory = arguments.GetRequiredValue(output);
            RequireNew(directory);
            using var unfinished = new UnfinishedDirectory(directory);
            var training = new VocabularyTrainingConfig(arguments.GetValue(size), arguments.GetValue(minFrequency), arguments.GetValue(alphabet));
            var reading = new ReadingReport();
            var lines = TextInput.ReadLines(arguments.GetRequiredValue(input), reading);
            var start = Stopwatch.GetTimestamp();
            ITokenizer tokenizer = arguments.GetValue(kind) == "bpe"
                ? ByteLevelBpeTrainer.Train(lines, new ByteLevelBpeConfig(), training, report: Console.Error.WriteLine)
                : WordPieceTrainer.Train(
                    lines,
                    new WordPieceConfig(!arguments.GetValue(cased), arguments.GetValue(keepAccents) ? false : null),
                    training, report: Console.Error.WriteLine);
            foreach (var warning in reading.Warnings()) Console.Error.WriteLine($"warning: {warning}");
            tokenizer.Save(unfinished.Path);
            unfinished.Finish();
            if (tokenizer.Vocabulary.Count < training.Size)
                Console.Error.WriteLine($"warning: {tokenizer.Vocabulary.Count:N0} tokens instead of {training.Size:N0}: no other pair occurs {training.MinFrequency:N0} times");
            Console.WriteLine($"{directory}: {tokenizer.Vocabulary.Count:N0} tokens in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
            return ExitCodes.Success;
        });
        return command;
    }

    static Command CreateInspect()
    {
        var directory = new Argument<string>("directory") { Description = "Tokenizer directory." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("inspect", "What a vocabulary holds.") { directory, json };
        command.SetAction(arguments =>
        {
            var summary = VocabularySummary.Of(TokenizerDirectory.Load(arguments.GetRequiredValue(directory)));
            Console.WriteLine(arguments.GetValue(json) ? summary.ToJson() : summary.ToString());
            return ExitCodes.Success;
        });
        return command;
    }

    static void RequireNew(string directory)
    {
        if (File.Exists(directory) || Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
            throw new ArgumentException($"{directory}: exists already; choose another --out or remove it.");
    }
}
