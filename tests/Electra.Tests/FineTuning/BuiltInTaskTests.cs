using System.IO.Compression;
using Electra.Evaluation;
using Electra.FineTuning.Report;
using Electra.FineTuning.Tasks;
using Electra.Tests.Corpus;
using Electra.Tests.Evaluation;

namespace Electra.Tests.FineTuning;

/// <summary>Every built-in task on invented rows in its official layout: read, encoded, answered by an oracle, scored and written.</summary>
public sealed class BuiltInTaskTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static IEnumerable<TheoryDataRow<string>> Tasks() => InventedTasks.Names.Select(name => new TheoryDataRow<string>(name));

    [Fact]
    public void Every_built_in_task_has_invented_rows() => Assert.Equal(
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "tasks"), "*.json").Select(Path.GetFileNameWithoutExtension).Order(),
        InventedTasks.Names.Order());

    TaskReader Open(string name)
    {
        InventedTasks.Write(name, _folder.Path);
        return TaskReader.Open(TaskDefinition.Load(InventedTasks.PathOf(name)), _folder.Path);
    }

    /// <summary>Scores from the rows' own labels.</summary>
    static WindowScores Oracle(EncodedExample row, int numLabels)
    {
        if (row.IsContext.Length > 0)
        {
            float[] start = new float[row.Length], end = new float[row.Length];
            (start[row.Start], end[row.End]) = (9, 9);
            return new([]) { Start = start, End = end };
        }
        if (row.Targets.Length > 0) return new(row.Targets);
        if (row.TokenLabels.Length > 0)
        {
            var logits = new float[row.Length * numLabels];
            for (var token = 0; token < row.Length; token++)
                if (row.TokenLabels[token] >= 0) logits[token * numLabels + row.TokenLabels[token]] = 9;
            return new(logits);
        }
        return new([.. Enumerable.Range(0, Math.Max(numLabels, 1)).Select(label => label == row.Class ? 9f : 0f)]);
    }

    static IReadOnlyList<TaskPrediction> Answer(TaskReader reader, TaskDataset set)
    {
        var rows = new TaskEncoder(reader.Task, reader.Labels, LetterTokenizer.Create(), 96).EncodeAll(set.Examples);
        return TaskDecoder.Decode(reader.Task, reader.Labels, set.Examples, rows, [.. rows.Select(row => Oracle(row, reader.Labels.Count))]);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void All_sets_are_read_whole_and_an_oracle_scores_fully(string name)
    {
        var reader = Open(name);

        foreach (var split in reader.Task.Splits.Keys)
        {
            var set = reader.Read(split, isStrict: true);
            Assert.Equal(split == "train" ? 24 : split.StartsWith("dev", StringComparison.Ordinal) ? 8 : 5, set.Examples.Count);
            if (!reader.Task.Split(split).HasLabels) continue;
            var metrics = TaskMetrics.Of(set, Answer(reader, set), noAnswerThreshold: 0);
            Assert.Equal(reader.Task.Metrics, metrics.Keys);
            Assert.All(metrics, metric => Assert.Equal(TaskMetrics.IsError(metric.Key) ? 0 : 1, metric.Value, 6));
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void A_report_of_every_kind_of_task_is_written(string name)
    {
        var reader = Open(name);
        List<EvaluatedSet> sets = [.. reader.Task.DevSplits.Select(split => reader.Read(split)).Select(set => new EvaluatedSet(set, Answer(reader, set), TaskMetrics.Of(set, Answer(reader, set), noAnswerThreshold: 0)))];
        if (sets.Count == 0) return;

        EvaluationReport.Write(_folder["report.html"], "Invented", sets);

        var page = File.ReadAllText(_folder["report.html"]);
        Assert.Contains($"<p class=\"quiet\">{reader.Task.Name}: ", page);
        Assert.Contains($"<h2>{Part(reader.Task.Kind)}</h2>", page);
        Assert.DoesNotContain("NaN", page);
    }

    static string Part(TaskKind kind) => kind switch
    {
        TaskKind.Regression => "Predictions by label",
        TaskKind.Tagging => "Confusion of types",
        TaskKind.QuestionAnswering => "By question word",
        _ => "Confusion matrix",
    };

    [Theory]
    [InlineData("cola", "test", "CoLA.tsv", "1"), InlineData("sst2", "test", "SST-2.tsv", "1"), InlineData("mrpc", "test", "MRPC.tsv", "1"), InlineData("stsb", "test", "STS-B.tsv", "5.000")]
    [InlineData("qqp", "test", "QQP.tsv", "1"), InlineData("mnli", "test_matched", "MNLI-m.tsv", "entailment"), InlineData("mnli", "test_mismatched", "MNLI-mm.tsv", "entailment"), InlineData("ax", "test", "AX.tsv", "entailment")]
    [InlineData("qnli", "test", "QNLI.tsv", "not_entailment"), InlineData("rte", "test", "RTE.tsv", "not_entailment"), InlineData("wnli", "test", "WNLI.tsv", "1")]
    public void The_servers_file_has_its_name_its_header_and_its_labels(string name, string split, string file, string second)
    {
        var reader = Open(name);
        var set = reader.Read(split);
        // The second of two classes, or the top of the range, for every row.
        List<TaskPrediction> said = [.. set.Examples.Select(example => reader.Task.Kind == TaskKind.Regression
            ? (TaskPrediction)new ValuePrediction(example.Id, 5)
            : new ClassPrediction(example.Id, 1, [0, 1]))];

        var path = SubmissionFile.Write(_folder["out"], reader.Task, split, reader.Labels, said);

        Assert.Equal(file, Path.GetFileName(path));
        Assert.Equal(["index\tprediction", .. Enumerable.Range(0, 5).Select(i => $"{i}\t{second}")], File.ReadLines(path));
        using var zip = ZipFile.OpenRead(_folder[$"out/{SubmissionFile.ZipName}"]);
        Assert.Equal([file], zip.Entries.Select(entry => entry.FullName));
    }

    [Fact]
    public void The_zip_holds_the_files_of_all_tasks()
    {
        foreach (var name in (string[])["rte", "cola"])
        {
            var reader = Open(name);
            SubmissionFile.Write(_folder["out"], reader.Task, "test", reader.Labels, [.. reader.Read("test").Examples.Select(example => new ClassPrediction(example.Id, 0, [1, 0]))]);
        }

        using var zip = ZipFile.OpenRead(_folder[$"out/{SubmissionFile.ZipName}"]);
        Assert.Equal(["CoLA.tsv", "RTE.tsv"], zip.Entries.Select(entry => entry.FullName));
        Assert.Equal(File.ReadAllText(_folder["out/RTE.tsv"]), new StreamReader(zip.Entries[1].Open()).ReadToEnd());
    }

    [Fact]
    public void A_row_without_a_prediction_is_refused_since_the_server_would_refuse_it()
    {
        var reader = Open("rte");

        Assert.Contains("RTE.tsv: row 1 of the set test has no prediction", Assert.Throws<InvalidDataException>(() =>
            SubmissionFile.Write(_folder["out"], reader.Task, "test", reader.Labels, [new ClassPrediction("0", 0, [1, 0]), new ClassPrediction("2", 0, [1, 0])])).Message);
        Assert.Contains("The set dev of RTE has no submission file; sets with one: test.", Assert.Throws<ArgumentException>(() =>
            SubmissionFile.Write(_folder["out"], reader.Task, "dev", reader.Labels, [])).Message);
    }

    [Fact]
    public void Answers_are_written_as_the_official_scripts_read_them()
    {
        var reader = Open("squad2");
        var set = reader.Read("dev");

        SquadFiles.Write(_folder.Path, Answer(reader, set).Cast<AnswerPrediction>(), noAnswerThreshold: 0);

        var (questions, isVersion2) = SquadQuestion.Read(_folder["dev-v2.0.json"]);
        var score = SquadEvaluation.Of(questions, isVersion2, SquadPredictions.ReadAnswers(_folder[SquadFiles.Predictions]), SquadPredictions.ReadNoAnswerScores(_folder[SquadFiles.NullOdds]), 0);
        Assert.Equal((100, 100, 100), (score.Overall.Exact, score.Overall.F1, score.BestF1!.Best));
        Assert.Equal("", SquadPredictions.ReadAnswers(_folder[SquadFiles.Predictions])[2].Value);
        Assert.Contains("\"text\": \"the cat\"", File.ReadAllText(_folder[SquadFiles.Best]));
    }

    [Fact]
    public void A_score_that_is_no_number_is_written_as_null()
    {
        SquadFiles.Write(_folder.Path, [new AnswerPrediction("q", "cat", double.NaN, [new CandidateAnswer("cat", 0, double.NaN, double.NaN)])], noAnswerThreshold: 0);

        Assert.Contains("\"q\": null", File.ReadAllText(_folder[SquadFiles.NullOdds]));
        Assert.Contains("\"score\": null", File.ReadAllText(_folder[SquadFiles.Best]));
    }

    [Fact]
    public void Tags_are_written_as_conlleval_reads_them()
    {
        var reader = Open("conll2000");
        var set = reader.Read("dev");

        TagFile.Write(_folder["tags"], reader.Task, set.Examples.Cast<TaggedExample>(), Answer(reader, set).Cast<TagPrediction>());

        Assert.Equal("ann\tB-person\tB-person", File.ReadLines(_folder["tags"]).First());
        Assert.Equal(1, EntityScore.Of(TaggedSentence.Read(_folder["tags"])).Overall.F1);
    }
}
