using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Electra.Cli;
using Electra.FineTuning;
using Electra.FineTuning.Tasks;
using Electra.Numerics;
using Electra.Reporting;
using Electra.Training;

namespace Electra.Tests.FineTuning;

[Collection(TorchCollection.Name)]
public sealed class TaskTrainingTests(TinyEncoder encoder) : IClassFixture<TinyEncoder>
{
    public static IEnumerable<TheoryDataRow<string>> Learnable() => Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "tasks"), "*.json")
        .Where(path => TaskDefinition.Load(path).Splits.ContainsKey(TaskDefinition.Train)).Select(path => new TheoryDataRow<string>(Path.GetFileNameWithoutExtension(path)));

    public static IEnumerable<TheoryDataRow<string>> Recipes() => Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "recipes"), "*.json")
        .Where(path => File.ReadAllText(path).Contains("\"task\"", StringComparison.Ordinal)).Select(path => new TheoryDataRow<string>(path));

    [Theory]
    [MemberData(nameof(Learnable))]
    public void Every_built_in_task_is_read_learnt_for_20_steps_predicted_and_scored(string name)
    {
        var folder = encoder[$"data-{name}"];
        Directory.CreateDirectory(folder);
        InventedTasks.Write(name, folder);
        var task = BundledFiles.LoadTask(name);
        var head = name == "squad2" ? "joint" : "standard";

        var result = encoder.Train(encoder.Sets(task, folder), name, $"head.kind={head}", "schedule.peak=1e-3", "run.evaluate_every=20");

        Assert.Equal(20, result.Steps);
        Assert.Equal(task.DevSplits, result.Metrics.Keys);
        Assert.All(result.Metrics.Values, metrics => Assert.Equal(task.Metrics, metrics.Keys));
        var losses = MetricsLog.Read(Path.Combine(encoder[name], "metrics.jsonl")).Where(entry => entry.Kind == MetricsEntry.Train).Select(entry => entry.Values["loss"]).ToList();
        Assert.True(losses.TakeLast(5).Average() < losses.Take(5).Average(), $"the loss went {string.Join(", ", losses)}");

        using var model = TaskModel.Load(encoder[name], Precision.Float32);
        var dev = TaskReader.Open(task, folder, model.Labels).Read(task.DevSplits.First());
        var predicted = new TaskPredictor(model).Predict(dev.Examples.Select(InputRow.Of), cancellation: TestContext.Current.CancellationToken).SelectMany(window => window).ToList();
        Assert.Equal(dev.Examples.Select(example => example.Id), predicted.Select(pair => pair.Prediction?.Id));
        var again = TaskMetrics.Of(dev, [.. predicted.Select(pair => pair.Prediction!)], model.Settings.NoAnswerThreshold);
        Assert.Equal(result.Value, again[task.ChosenMetric], 12);
    }

    [Fact]
    public void The_diagnostic_set_is_predicted_by_a_model_of_mnli()
    {
        Directory.CreateDirectory(encoder["data-for-ax"]);
        InventedTasks.Write("mnli", encoder["data-for-ax"]);
        InventedTasks.Write("ax", encoder["data-for-ax"]);
        encoder.Train(encoder.Sets(BundledFiles.LoadTask("mnli"), encoder["data-for-ax"]), "for-ax");
        using var model = TaskModel.Load(encoder["for-ax"], Precision.Float32);
        var examples = TaskReader.Open(BundledFiles.LoadTask("ax"), encoder["data-for-ax"]).Read("test").Examples;

        var predictions = new TaskPredictor(model).Predict(examples.Select(InputRow.Of), cancellation: TestContext.Current.CancellationToken).SelectMany(window => window).Select(pair => (ClassPrediction)pair.Prediction!).ToList();

        Assert.Equal(["0", "1", "2", "3", "4"], predictions.Select(prediction => prediction.Id));
        Assert.All(predictions, prediction => Assert.Equal(1, prediction.Probabilities.Sum(), 6));
    }

    [Theory]
    [InlineData("mean"), InlineData("max")]
    public void A_task_of_ones_own_with_several_labels_and_long_texts_needs_no_code(string combine)
    {
        var folder = encoder[$"own-{combine}"];
        Directory.CreateDirectory(folder);
        // 36 words and then what tells: only the last windows of 16 tokens see it.
        foreach (var set in (string[])["train", "dev"])
            File.WriteAllLines(Path.Combine(folder, $"{set}.jsonl"), Enumerable.Range(0, 24).Select(i =>
                $$"""{"body": "{{string.Concat(Enumerable.Repeat("the film was ", 12))}}{{(i % 2 == 0 ? "good good good" : "bad bad bad")}}", "topics": ["{{(i % 2 == 0 ? "a" : "b")}}"]}"""));
        var task = RecipeFile.Parse($$"""
            { "name": "own", "kind": "multi_label", "format": { "type": "jsonl" }, "columns": { "text": "body", "label": "topics" }, "labels": ["a", "b"],
              "splits": { "train": { "file": "train.jsonl" }, "dev": { "file": "dev.jsonl" } }, "metrics": ["micro_f1", "exact_match"],
              "windows": { "stride": 8, "combine": "{{combine}}" } }
            """, "own", TaskJson.Default.TaskDefinition);
        var sets = encoder.Sets(task, folder, maxLength: 16);

        var result = encoder.Train(sets, $"own-run-{combine}", "run.steps=100", "batch.max_length=16", "batch.micro_batch=20");

        Assert.Equal(24, result.TrainingExamples);
        Assert.True(sets.Training.Count >= 24 * 4, $"{sets.Training.Count} windows");
        Assert.True(result.Value > 0.75, $"micro F1 {result.Value}");          // both labels for everything have 2/3
    }

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Every_recipe_loads_names_a_built_in_task_and_survives_a_round_trip(string path)
    {
        var recipe = RecipeFile.Load(path, FineTuningJson.Default.FineTuningRecipe);

        recipe.Check(path);
        Assert.NotEmpty(BundledFiles.LoadTask(recipe.Task, recipe.TaskSet).Metrics);
        var json = System.Text.Json.JsonSerializer.Serialize(recipe, FineTuningJson.Default.FineTuningRecipe);
        Assert.Equal(json, System.Text.Json.JsonSerializer.Serialize(RecipeFile.Parse(json, "again", FineTuningJson.Default.FineTuningRecipe), FineTuningJson.Default.FineTuningRecipe));
    }

    [Theory]
    [InlineData("squad1", "head.dropout=0.1", "the heads of question answering drop nothing"), InlineData("squad2", "head.label_smoothing=0.1", "no classes to smooth")]
    [InlineData("stsb", "head.label_smoothing=0.1", "no classes to smooth"), InlineData("stsb", "head.balances_classes=true", "need a task with classes")]
    public void An_option_that_a_kind_of_task_has_no_use_for_is_refused(string name, string assignment, string message)
    {
        Directory.CreateDirectory(encoder[$"useless-{name}"]);
        InventedTasks.Write(name, encoder[$"useless-{name}"]);
        var sets = encoder.Sets(BundledFiles.LoadTask(name), encoder[$"useless-{name}"]);

        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => FineTuner.Check(TinyEncoder.Recipe(assignment), sets, InitialEncoder.Open(encoder.ModelPath))).Message);
    }

    [Fact]
    public void Every_key_of_a_recipe_stands_in_the_documents_table()
    {
        var text = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../docs/file-formats.md"));
        var table = text[text.IndexOf("| `task` |", StringComparison.Ordinal)..text.IndexOf("| `run.log_every` |", StringComparison.Ordinal)] + "`run.log_every`";

        foreach (var property in FineTuningJson.Default.FineTuningRecipe.Properties)
        {
            var section = FineTuningJson.Default.GetTypeInfo(property.PropertyType)!;
            if (section.Kind != JsonTypeInfoKind.Object) Assert.Contains($"`{property.Name}`", table);
            else Assert.All(section.Properties.Where(key => key.Set is not null || key.AssociatedParameter is not null),
                key => Assert.True(table.Contains($"`{property.Name}.{key.Name}`", StringComparison.Ordinal) || table.Contains($"`{key.Name}`", StringComparison.Ordinal), $"{property.Name}.{key.Name}"));
        }
    }

    static string ThisFile([CallerFilePath] string path = "") => path;

    [Fact]
    public void An_unknown_task_is_refused_with_the_known_ones() =>
        Assert.Contains("sst2", Assert.Throws<FileNotFoundException>(() => BundledFiles.LoadTask("sst3")).Message);

    [Theory]
    [InlineData("batch.size=[]", "size is empty"), InlineData("schedule.peak=0", "peak is 0"), InlineData("layerwise_decay.decay=2", "decay is 2")]
    [InlineData("head.label_smoothing=1", "label_smoothing is 1"), InlineData("run.epochs=0", "epochs is 0"), InlineData("schedule.warmup_share=2", "warmup_share is 2")]
    public void What_cannot_be_is_refused_by_name(string assignment, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => TinyEncoder.Recipe(assignment).Check("recipe")).Message);
}
