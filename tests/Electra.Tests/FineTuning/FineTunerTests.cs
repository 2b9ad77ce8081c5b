using Electra.Cli;
using Electra.FineTuning;
using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Numerics;
using Electra.Reporting;
using Electra.Tokenization;

namespace Electra.Tests.FineTuning;

[Collection(TorchCollection.Name)]
public sealed class FineTunerTests(TinyEncoder encoder) : IClassFixture<TinyEncoder>
{
    readonly TaskSets _films = encoder.Sets(TinyEncoder.Films(encoder["films"]), encoder["films"]);

    [Fact]
    public void It_learns_good_films_from_bad_ones_and_says_what_the_majority_would_have()
    {
        var result = encoder.Train(_films, "learns", "run.steps=60");

        Assert.Equal(1, result.Value);
        Assert.Equal(0.5, result.Majority["dev"]["accuracy"]);
        Assert.False(result.HasFailed);
        Assert.Equal(40, result.TrainingExamples);
    }

    [Theory]
    [InlineData(3), InlineData(6), InlineData(13)]
    public void A_run_that_is_killed_and_goes_on_ends_with_the_bits_of_one_that_was_not(int step)
    {
        var (straight, broken) = ($"straight-{step}", $"broken-{step}");
        // With dropout: its draws must follow from the step alone.
        string[] overrides = ["head.dropout=0.1", "head.encoder_dropout=0.1", "layerwise_decay.decay=0.8"];
        encoder.Train(_films, straight, overrides);
        using (var tuner = encoder.Tuner(_films, broken, new TinyEncoder.Quiet { OnReport = progress => { if (progress.Step == step) throw new TimeoutException(); } }, overrides))
            Assert.Throws<TimeoutException>(() => tuner.Run(CancellationToken.None));
        encoder.Train(_films, broken, overrides);

        AssertSameRun(straight, broken);
    }

    [Fact]
    public void A_cancelled_run_saves_its_last_whole_step_and_goes_on_to_the_same_end()
    {
        encoder.Train(_films, "uncancelled");
        using var source = new CancellationTokenSource();
        using (var tuner = encoder.Tuner(_films, "cancelled", new TinyEncoder.Quiet { OnReport = progress => { if (progress.Step == 8) source.Cancel(); } }))
            Assert.Null(tuner.Run(source.Token));
        Assert.True(Directory.Exists(Path.Combine(encoder["cancelled"], "checkpoints", "step-8")));
        encoder.Train(_films, "cancelled");

        AssertSameRun("uncancelled", "cancelled");
    }

    [Fact]
    public void Micro_batches_add_up_to_the_batch()
    {
        encoder.Train(_films, "whole", "run.steps=5");
        encoder.Train(_films, "parts", "run.steps=5", "batch.micro_batch=3");

        var (whole, parts) = (Losses("whole"), Losses("parts"));
        Assert.Equal(5, whole.Length);
        for (var i = 0; i < whole.Length; i++) Assert.Equal(whole[i], parts[i], 1e-4);      // float32, sums in another order
    }

    [Fact]
    public void The_best_evaluation_is_kept_although_the_run_goes_on()
    {
        // The rate is far too high once the ramp is over: what was learnt is lost again.
        var progress = new TinyEncoder.Quiet();
        using var tuner = encoder.Tuner(_films, "best", progress, "run.steps=60", "run.evaluate_every=5", "schedule.peak=0.5", "schedule.warmup_share=1", "optimizer.max_gradient_norm=0");
        var result = tuner.Run(CancellationToken.None)!;

        var values = progress.Evaluations.Select(metrics => metrics["accuracy"]).ToList();
        Assert.Equal(values.Max(), result.Value);
        Assert.Equal(5 * (values.IndexOf(values.Max()) + 1), result.BestStep);
    }

    [Fact]
    public void A_run_without_gains_stops_early()
    {
        var progress = new TinyEncoder.Quiet();
        using var tuner = encoder.Tuner(_films, "patience", progress, "run.steps=400", "run.evaluate_every=5", "run.patience=3", "schedule.peak=1e-12");
        var result = tuner.Run(CancellationToken.None)!;

        Assert.Equal(20, result.Steps);                                                     // the first evaluation and three without a gain
        Assert.Contains(progress.Messages, message => message.Contains("3 evaluations in a row without a gain in accuracy"));
    }

    [Fact]
    public void A_model_that_says_one_thing_to_everything_is_marked_as_failed()
    {
        var task = TinyEncoder.Films(encoder["one-class"]);
        var train = Path.Combine(encoder["one-class"], "train.tsv");
        File.WriteAllLines(train, File.ReadAllLines(train).Where(line => !line.EndsWith("\tno", StringComparison.Ordinal)));

        var result = encoder.Train(encoder.Sets(task, encoder["one-class"]), "failed", "run.steps=30");

        Assert.True(result.HasFailed);
        Assert.Equal(0.5, result.Value);
    }

    [Fact]
    public void A_tagger_that_says_one_tag_is_marked_as_failed_though_repair_makes_two_of_it()
    {
        Directory.CreateDirectory(encoder["tags"]);
        InventedTasks.Write("conll2000", encoder["tags"]);
        var task = BundledFiles.LoadTask("conll2000");
        var sets = encoder.Sets(task, encoder["tags"]);
        var (labels, examples) = (sets.Labels, sets.Dev[0].Dataset.Examples);
        var rows = new TaskEncoder(task, labels, InitialEncoder.Open(encoder.ModelPath).Tokenizer, 32).EncodeAll(examples);
        var tag = labels.ToList().IndexOf("I-person");
        float[] LogitsOf(EncodedExample row) => [.. Enumerable.Range(0, row.Length * labels.Count).Select(i => i % labels.Count == tag ? 1f : 0)];

        var predictions = TaskDecoder.Decode(task, labels, examples, rows, [.. rows.Select(row => new WindowScores(LogitsOf(row)))]);

        Assert.Equal(["B-person", "I-person", "I-person", "I-person"], ((TagPrediction)predictions[0]).Tags);
        Assert.True(sets.Dev[0].IsCollapsed(predictions));
    }

    [Fact]
    public void A_rate_too_bold_fails_alone_and_the_others_go_on()
    {
        string[] overrides = ["schedule.peak=[1e30, 3e-3]", "run.steps=60"];
        var summary = encoder.Sweep(_films, "bold", _ => { }, overrides);

        Assert.Equal("rate-3e-3-batch-8-seed-3", summary.BestUnit);
        Assert.Equal(1, summary.Units[1].Value);
        Assert.Equal((true, double.NaN), (summary.Units[0].HasFailed, summary.Units[0].Value));
        Assert.Contains("Begin another with a lower schedule.peak", summary.Units[0].Failure);
        Assert.Equal([3UL], summary.Settings.Single(setting => setting.LearningRate == 1e30).FailedSeeds);
        Assert.Equal(0.5, summary.Majority);

        // Both are finished: going on runs neither again.
        var results = new List<FineTuningResult>();
        encoder.Sweep(_films, "bold", results.Add, overrides);
        Assert.Equal(summary.Units.Select(unit => unit.Finished), results.Select(result => result.Finished));
    }

    [Fact]
    public void A_run_alone_that_diverges_is_an_error_with_a_way_out_that_fine_tuning_has()
    {
        var message = Assert.Throws<ArithmeticException>(() => encoder.Train(_films, "bold-alone", "schedule.peak=1e30")).Message;

        Assert.Contains("a lower schedule.peak or a larger schedule.warmup_share", message);
        Assert.DoesNotContain("--from", message);
        Assert.False(File.Exists(Path.Combine(encoder["bold-alone"], "result.json")));
    }

    [Fact]
    public void A_batch_without_a_label_changes_nothing_and_is_no_fault()
    {
        Directory.CreateDirectory(encoder["long-word"]);
        // One word of 26 pieces: of its 11 windows the first alone holds the label.
        File.WriteAllText(Path.Combine(encoder["long-word"], "train.txt"), "abcdefghijklmnopqrstuvwxyz B-X\n");
        var task = new TaskDefinition("word", TaskKind.Tagging, new TaskFormat(TaskFileType.Conll), new Dictionary<string, TaskSplit> { ["train"] = new("train.txt") }, ["f1"], Windows: new(Stride: 2));
        var progress = new TinyEncoder.Quiet();
        using var tuner = encoder.Tuner(encoder.Sets(task, encoder["long-word"], maxLength: 8), "long-word-run", progress, "batch.size=1", "batch.max_length=8", "run.steps=22");

        var result = tuner.Run(CancellationToken.None)!;

        Assert.Equal((11, 22, 0), (result.TrainingExamples, result.Steps, result.NumSkipped));
        Assert.Contains("no row of the batch has a label", Assert.Single(progress.Messages));
        Assert.All(Losses("long-word-run"), loss => Assert.True(double.IsFinite(loss)));
    }

    [Fact]
    public void A_text_of_more_windows_than_go_at_once_gives_the_same_gradients()
    {
        Directory.CreateDirectory(encoder["long-text"]);
        // 34 words are 6 windows of 16 tokens, all full; dropout draws by a window's place in the batch.
        foreach (var set in (string[])["train", "dev"])
            File.WriteAllLines(Path.Combine(encoder["long-text"], $"{set}.tsv"), ["text\tlabel", .. Enumerable.Range(0, 8).Select(i =>
                $"{string.Concat(Enumerable.Repeat("the film was ", 10))}{(i % 2 == 0 ? "good good good good" : "bad bad bad bad")}\t{(i % 2 == 0 ? "yes" : "no")}")]);
        var task = TinyEncoder.Films(encoder["films"]) with { Windows = new(Stride: 4) };
        var sets = encoder.Sets(task, encoder["long-text"], maxLength: 16);
        string[] overrides = ["run.steps=5", "batch.size=4", "batch.max_length=16", "head.dropout=0.1", "head.encoder_dropout=0.1"];

        encoder.Train(sets, "at-once", [.. overrides, "batch.micro_batch=64"]);
        encoder.Train(sets, "in-parts", [.. overrides, "batch.micro_batch=2"]);

        Assert.Equal(48, sets.Training.Count);
        var (atOnce, inParts) = (Losses("at-once"), Losses("in-parts"));
        for (var i = 0; i < 5; i++) Assert.Equal(atOnce[i], inParts[i], 1e-4);              // float32, sums in another order
        Assert.True(Math.Abs(atOnce[^1] - atOnce[0]) > 1e-2, $"the loss went from {atOnce[0]} to {atOnce[^1]}");
    }

    [Fact]
    public void A_part_holds_whole_examples_and_no_more_rows_than_asked_for_unless_one_example_has_more()
    {
        // Windows of four examples: 2, 2, 5 and 1.
        EncodedExample[] rows = [.. new[] { 2, 2, 5, 1 }.SelectMany((count, example) => Enumerable.Range(0, count).Select(window =>
            new EncodedExample(example, window, new EncodedText([], [], [], [], false))))];

        Assert.Equal([(0, 2), (2, 4), (4, 9), (9, 10)], BatchGradient.PartsOf(rows, 3, sharesLabel: true));
        Assert.Equal([(0, 3), (3, 6), (6, 9), (9, 10)], BatchGradient.PartsOf(rows, 3, sharesLabel: false));
    }

    [Fact]
    public void A_metric_of_two_classes_is_refused_where_the_training_set_has_three()
    {
        var folder = encoder["three-classes"];
        var task = TinyEncoder.Films(folder) with { Labels = null, Metrics = ["accuracy", "f1"] };
        File.AppendAllText(Path.Combine(folder, "train.tsv"), "the film was\tmaybe\n");

        var error = Assert.Throws<InvalidDataException>(() => FineTuner.Check(TinyEncoder.Recipe(), encoder.Sets(task, folder), InitialEncoder.Open(encoder.ModelPath)));

        Assert.Equal("films: the metric f1 is about the second of two classes, but there are 3; use macro_f1.", error.Message);
    }

    [Theory]
    [InlineData("films", true), InlineData("other films", false)]
    public void A_head_is_kept_for_its_own_task_alone_though_another_has_labels_of_the_same_names(string name, bool isKept)
    {
        if (!Directory.Exists(encoder["with-head"])) encoder.Train(_films, "with-head");
        var sets = encoder.Sets(TinyEncoder.Films(encoder["films"]) with { Name = name }, encoder["films"]);
        var notes = new List<string>();

        using var network = InitialEncoder.Open(encoder["with-head"]).Build(sets, TinyEncoder.Recipe(), notes.Add);
        using var first = TaskModel.Load(encoder["with-head"], Precision.Float32);

        string note = $"{encoder["with-head"]}/model was made for films, not for other films: the head begins fresh";
        Assert.Equal(isKept ? [] : [note], notes);
        Assert.Equal(isKept, Head(network).SequenceEqual(Head(first.Network)));

        static float[] Head(PretrainedNetwork network) => TensorMemory.ToFloats(network.Parameters.Single(parameter => parameter.Name == "classifier.dense.weight").Value);
    }

    [Fact]
    public void A_model_of_one_task_begins_another_with_a_fresh_head()
    {
        encoder.Train(_films, "first-task");
        var task = TinyEncoder.Films(encoder["three"]) with { Labels = ["no", "maybe", "yes"] };
        var sets = encoder.Sets(task, encoder["three"]);
        var recipe = TinyEncoder.Recipe();
        var model = InitialEncoder.Open(encoder["first-task"]);
        using var network = model.Build(sets, recipe, _ => { });

        Assert.Equal(3, network.Parameters.Single(parameter => parameter.Name == "classifier.out_proj.weight").Value.shape[0]);
        using var first = TaskModel.Load(encoder["first-task"], Precision.Float32);
        Assert.Equal(Values(first.Network, "electra.embeddings.word_embeddings.weight"), Values(network, "electra.embeddings.word_embeddings.weight"));

        static float[] Values(PretrainedNetwork network, string name) => TensorMemory.ToFloats(network.Parameters.Single(parameter => parameter.Name == name).Value);
    }

    [Fact]
    public void A_run_on_another_training_set_is_refused()
    {
        using var source = new CancellationTokenSource();
        using (var tuner = encoder.Tuner(_films, "other-data", new TinyEncoder.Quiet { OnReport = _ => source.Cancel() })) tuner.Run(source.Token);
        var other = encoder.Sets(TinyEncoder.Films(encoder["more-films"], numRows: 44), encoder["more-films"]);

        Assert.Contains("another training set", Assert.Throws<InvalidDataException>(() => encoder.Train(other, "other-data")).Message);
    }

    [Fact]
    public void Rows_longer_than_the_model_takes_are_refused_with_the_way_out() =>
        Assert.Contains("--set batch.max_length=64", Assert.Throws<InvalidDataException>(() => encoder.Train(_films, "too-long", "batch.max_length=65")).Message);

    [Theory]
    [InlineData("head.kind=joint", "only question answering"), InlineData("head.class_weights={\"maybe\": 2}", "'maybe' is no class")]
    public void A_head_that_the_task_has_no_use_for_is_refused(string assignment, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => encoder.Train(_films, "no-use", assignment)).Message);

    double[] Losses(string name) => [.. MetricsLog.Read(Path.Combine(encoder[name], "metrics.jsonl")).Where(entry => entry.Kind == MetricsEntry.Train).Select(entry => entry.Values["loss"])];

    void AssertSameRun(string first, string second)
    {
        Assert.Equal(File.ReadAllBytes(Path.Combine(encoder[first], "model", "model.safetensors")), File.ReadAllBytes(Path.Combine(encoder[second], "model", "model.safetensors")));
        string[] clocks = ["tokens_per_second", "elapsed_seconds"];
        var (one, other) = (Read(first), Read(second));
        Assert.Equal(one, other);
        Assert.False(Directory.Exists(Path.Combine(encoder[second], "checkpoints")));

        List<string> Read(string name) => [.. MetricsLog.Read(Path.Combine(encoder[name], "metrics.jsonl"))
            .Select(entry => $"{entry.Step} {entry.Kind} {string.Join(' ', entry.Values.Where(value => !clocks.Contains(value.Key)).Select(value => $"{value.Key}={value.Value:R}"))}")];
    }
}
