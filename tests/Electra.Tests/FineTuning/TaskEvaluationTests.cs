using System.IO.Compression;
using Electra.FineTuning;
using Electra.FineTuning.Tasks;
using Electra.Numerics;

namespace Electra.Tests.FineTuning;

/// <summary>Which examples a model is judged on, by a model of one step.</summary>
[Collection(TorchCollection.Name)]
public sealed class TaskEvaluationTests(TinyEncoder encoder) : IClassFixture<TinyEncoder>
{
    string Folder => encoder["films"];

    /// <summary>A model whose task says something else of its sets.</summary>
    TaskModel Model(params (string Name, TaskSplit Split)[] splits)
    {
        if (!Directory.Exists(encoder["run"])) encoder.Train(encoder.Sets(TinyEncoder.Films(Folder), Folder), "run", "run.steps=1");
        var model = TaskModel.Load(encoder["run"], Precision.Float32);
        return TaskModel.Of(model.Network, model.Tokenizer, model.Task with { Splits = splits.ToDictionary(split => split.Name, split => split.Split) }, model.Settings);
    }

    [Fact]
    public void Of_a_file_that_is_named_all_is_taken()
    {
        using var model = Model(("dev", new TaskSplit("other.tsv", MaxExamples: 1)));

        Assert.Equal(12, TaskEvaluation.Open(model, Path.Combine(Folder, "dev.tsv"), null, _ => { })[0].Dataset.Examples.Count);
    }

    [Fact]
    public void A_test_set_that_is_compressed_is_predicted_for_the_server_too()
    {
        using var model = Model(("test", new TaskSplit("test.tsv", HasLabels: false, Submission: "Films.tsv")), ("test_none", new TaskSplit("none.tsv", HasLabels: false, Submission: "None.tsv")));
        using (var file = new GZipStream(File.Create(Path.Combine(Folder, "test.tsv.gz")), CompressionLevel.Fastest)) file.Write("text\nthe film was good\n"u8);

        var sets = TaskEvaluation.OpenSubmissions(model, Folder, _ => { });

        Assert.Equal(["test"], sets.Select(set => set.Name));
    }

    [Fact]
    public void Models_that_read_different_examples_are_not_compared()
    {
        using TaskModel first = Model(("dev", new TaskSplit("dev.tsv"))), second = Model(("dev", new TaskSplit("dev.tsv", MaxExamples: 5)));

        Assert.Equal("The models are judged on different examples: 12 examples of dev for the first, 5 of dev for the second. Name one labelled file that both read whole: --data FILE.",
            Assert.Throws<InvalidDataException>(() => TaskEvaluation.Compare(first, second, Folder, null, _ => { })).Message);
    }
}
