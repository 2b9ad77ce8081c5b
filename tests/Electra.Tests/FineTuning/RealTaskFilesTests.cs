using Electra.FineTuning.Tasks;
using Electra.Tests.Evaluation;

namespace Electra.Tests.FineTuning;

/// <summary>The built-in tasks on the files they are made for, where these lie beside the repository. Counts are the published ones.</summary>
public sealed class RealTaskFilesTests
{
    [Theory]
    [InlineData("cola", "glue/CoLA", "train", 8551, 0), InlineData("cola", "glue/CoLA", "dev", 1043, 0), InlineData("cola", "glue/CoLA", "test", 1063, 0)]
    [InlineData("sst2", "glue/SST-2", "train", 67349, 0), InlineData("sst2", "glue/SST-2", "dev", 872, 0), InlineData("sst2", "glue/SST-2", "test", 1821, 0)]
    [InlineData("mrpc", "glue/MRPC", "train", 3667, 0), InlineData("mrpc", "glue/MRPC", "dev", 408, 0), InlineData("mrpc", "glue/MRPC", "test", 1725, 0)]
    [InlineData("stsb", "glue/STS-B", "train", 5749, 0), InlineData("stsb", "glue/STS-B", "dev", 1500, 0), InlineData("stsb", "glue/STS-B", "test", 1379, 0)]
    [InlineData("qnli", "glue/QNLI", "dev", 5463, 0), InlineData("qnli", "glue/QNLI", "test", 5463, 0), InlineData("qnli", "glue/QNLI-subset", "train", 8999, 0)]
    [InlineData("rte", "glue/RTE", "train", 2490, 0), InlineData("rte", "glue/RTE", "dev", 277, 0), InlineData("rte", "glue/RTE", "test", 3000, 0)]
    [InlineData("wnli", "glue/WNLI", "train", 635, 0), InlineData("wnli", "glue/WNLI", "dev", 71, 0), InlineData("wnli", "glue/WNLI", "test", 146, 0)]
    [InlineData("ax", "glue/diagnostic", "test", 1104, 0)]
    [InlineData("qqp", "glue/QQP-subset", "train", 8999, 0, "columns.label=label")]
    [InlineData("mnli", "glue/MNLI-subset", "train", 8999, 0, "columns.label=-1"), InlineData("mnli", "glue/MNLI-subset", "dev_matched", 1000, 0, "columns.label=3", "splits.dev_matched.file=dev.tsv")]
    [InlineData("squad1", "squad", "dev", 10570, 0, "splits.dev.file=dev-v1.1.rebuilt.json"), InlineData("squad2", "squad", "dev", 11873, 0, "splits.dev.file=dev-v2.0.rebuilt.json")]
    [InlineData("conll2000", "chunking/conll2000", "train", 8936, 0), InlineData("conll2000", "chunking/conll2000", "dev", 2012, 0)]
    [InlineData("wnut17", "ner/wnut17", "train", 3394, 0), InlineData("wnut17", "ner/wnut17", "dev", 1009, 0), InlineData("wnut17", "ner/wnut17", "test", 1287, 0)]
    [InlineData("ner", "ner/wikigold", "train", 1696, 0, "splits.train.file=wikigold.conll.txt", "tagging.scheme=iob1")]
    public void A_set_has_its_published_number_of_examples(string name, string folder, string split, int count, int dropped, params string[] overrides)
    {
        var data = SharedData.PathOf($"data/{folder}");
        var task = TaskDefinition.Load(Path.Combine(AppContext.BaseDirectory, "tasks", $"{name}.json"), overrides);

        var set = TaskReader.Open(task, data).Read(split);

        Assert.True((count, dropped) == (set.Examples.Count, set.Report.NumDropped), $"{set.Examples.Count} examples, {string.Join("; ", set.Report.Warnings(5))}");
        Assert.Empty(set.Report.Warnings());
    }
}
