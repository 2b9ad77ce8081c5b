using System.CommandLine;
using System.Diagnostics;
using Electra.Corpus;
using Electra.Inference;
using Electra.Numerics;
using Electra.Objectives;
using Electra.Pretraining;
using Electra.Tokenization;
using Electra.Training;

namespace Electra.Cli;

/// <summary><c>electra quickstart</c>: from the bundled text to a tiny discriminator that knows a misplaced word, in minutes.</summary>
static class QuickstartCommand
{
    const string Sentence = "The quick brown cat jumps over the lazy dog.";
    const int VocabularySize = 8192;
    const double ValidationFraction = 0.02;

    public static Command Create()
    {
        var steps = new Option<long?>("--steps") { Description = "Training steps; the recipe's number by default." };
        var seed = new Option<ulong?>("--seed") { Description = "The seed of the run." };
        var output = new Option<string?>("--out") { Description = "Where everything is written; runs/quickstart by default." };
        var command = new Command("quickstart", "Train a tiny ELECTRA on the bundled text and see what it learnt.") { steps, seed, output };
        command.SetAction(parsed => Run(parsed.GetValue(steps), parsed.GetValue(seed), parsed.GetValue(output)));
        return command;
    }

    static int Run(long? steps, ulong? seed, string? output)
    {
        string[] overrides = [.. Override("run.steps", steps), .. Override("run.seed", seed)];
        var recipe = RecipeFile.Load(BundledFiles.Recipe("quickstart"), PretrainingJson.Default.PretrainingRecipe, overrides);
        recipe.Check("quickstart");
        var directory = output ?? FreeDirectory();
        RefuseExisting(directory);
        TorchLibrary.EnsureLoaded();

        var start = Stopwatch.GetTimestamp();
        Say($"1. vocabulary of {VocabularySize:N0} pieces from the bundled prose (samples/PROVENANCE.md says which books)");
        var tokenizer = WordPieceTrainer.Train(
            TextInput.ReadLines([BundledFiles.Corpus], new ReadingReport()), new WordPieceConfig(), new VocabularyTrainingConfig(VocabularySize));
        tokenizer.Save(Path.Combine(directory, "tokenizer"));
        Say($"   {tokenizer.Vocabulary.Count:N0} pieces, {Seconds(start)}");

        start = Stopwatch.GetTimestamp();
        Say("2. dataset: the text as token ids, some documents held out");
        var dataDirectory = Path.Combine(directory, "dataset");
        var manifest = new TokenizedDatasetBuilder(tokenizer, new DatasetOptions(ValidationFraction)).Build([BundledFiles.Corpus], dataDirectory);
        Say($"   {manifest.Training.Tokens:N0} tokens to learn from, {manifest.Validation.Tokens:N0} held out, {Seconds(start)}");

        using var dataset = TokenizedDataset.Open(dataDirectory);
        var display = new PretrainingDisplay();
        var runDirectory = Path.Combine(directory, "run");
        using var pretrainer = Pretrainer.Start(recipe, dataset, runDirectory, display);
        using var detector = new ReplacedTokenDetector(((ReplacedTokenDetection)pretrainer.Objective).ElectraNetworks.Discriminator, tokenizer);
        var before = detector.Detect(Sentence);

        start = Stopwatch.GetTimestamp();
        Say($"3. pretraining: {recipe.Run.Steps:N0} steps of {recipe.Batch.Size} x {recipe.Batch.Length} tokens");
        using var interruption = new Interruption();
        var isComplete = pretrainer.Run(interruption.Token);
        display.Finish();
        if (!isComplete)
        {
            Say($"electra: interrupted; go on with: electra pretrain --resume {runDirectory}");
            return interruption.ExitCode;
        }
        Say($"   {Seconds(start)}");

        var heldOut = pretrainer.EvaluateHeldOut();
        var figures = heldOut.ToMetrics();
        var unigram = heldOut.Judgements.UnigramAuc(TokenFrequencies.Count(dataset.Training, tokenizer.Vocabulary.Count));
        Console.WriteLine($"""

            Held-out text, {heldOut.Judgements.Count:N0} tokens, {figures["replaced_share"]:P1} of them replaced:
              discriminator AUC    {figures["discriminator_auc"]:F3}   how well it tells replaced tokens from original ones; 0.5 is chance
              unigram AUC          {unigram:F3}   the same by the frequency of the token alone
              generator accuracy   {figures["generator_accuracy"]:P1}   masked tokens it guesses right

            The probability of each token of a sentence that it was replaced, before and after training:
            """);
        foreach (var (untrained, trained) in before.Zip(detector.Detect(Sentence)))
            Console.WriteLine($"  {trained.Token,-10} {untrained.Probability,7:P1} {trained.Probability,7:P1}  {new string('█', (int)Math.Round(trained.Probability * 30))}");
        Console.WriteLine($"""

            A model this small learns which word follows which, and little more. Try next:
              electra detect --model {runDirectory}/model/discriminator "She poured the tea into the elephant."
              electra fill-mask --model {runDirectory}/model/generator "He opened the [MASK] and went in."
              {runDirectory}/report.html   the run's curves
              electra pretrain recipes/small.json --data DATASET --out RUN   the paper's small model, on your own text
            """);
        return ExitCodes.Success;
    }

    static string[] Override<T>(string key, T? value) where T : struct => value is { } given ? [$"{key}={given}"] : [];

    static void RefuseExisting(string directory)
    {
        if (!File.Exists(directory) && !(Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())) return;
        var run = Path.Combine(directory, "run");
        throw new ArgumentException(RunDirectory.IsRun(run)
            ? $"{directory} is there already. Go on with electra pretrain --resume {run}, or give another --out."
            : $"{directory} is there already; give another --out or remove it.");
    }

    static string FreeDirectory()
    {
        var directory = Path.Combine("runs", "quickstart");
        for (var number = 2; Directory.Exists(directory); number++) directory = Path.Combine("runs", $"quickstart-{number}");
        return directory;
    }

    static string Seconds(long start) => $"{Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s";

    static void Say(string text) => Console.Error.WriteLine(text);
}
