using Electra.FineTuning;
using Electra.Model;
using Electra.Numerics;
using Electra.Reporting;

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
