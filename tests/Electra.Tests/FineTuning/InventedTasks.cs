using System.Text;

namespace Electra.Tests.FineTuning;

/// <summary>Files of every built-in task in their official layout, with rows that are invented and easy to learn: "good" tells the class.</summary>
static class InventedTasks
{
    const int NumTraining = 24, NumDev = 8, NumTest = 5;

    static readonly string[] Words = ["the cat", "a dog", "my friend", "this film", "one river", "her song"];

    /// <summary>Names of the built-in tasks.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "cola", "sst2", "mrpc", "stsb", "qqp", "mnli", "ax", "qnli", "rte", "wnli", "squad1", "squad2", "conll2000", "wnut17", "ner",
    ];

    /// <summary>The task file.</summary>
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "tasks", $"{name}.json");

    /// <summary>Writes the task's files into a folder.</summary>
    public static void Write(string name, string folder)
    {
        void File(string file, string content) => System.IO.File.WriteAllText(Path.Combine(folder, file), content);
        switch (name)
        {
            case "cola":
                File("train.tsv", Rows(NumTraining, null, i => $"gj04\t{Class(i)}\t{(Class(i) == 1 ? "" : "*")}\t{First(i)}"));
                File("dev.tsv", Rows(NumDev, null, i => $"gj04\t{Class(i)}\t\t{First(i)}"));
                File("test.tsv", Rows(NumTest, "index\tsentence", i => $"{i}\t{First(i)}"));
                break;
            case "sst2":
                File("train.tsv", Rows(NumTraining, "sentence\tlabel", i => $"{First(i)} \t{Class(i)}"));
                File("dev.tsv", Rows(NumDev, "sentence\tlabel", i => $"{First(i)} \t{Class(i)}"));
                File("test.tsv", Rows(NumTest, "index\tsentence", i => $"{i}\t{First(i)}"));
                break;
            case "mrpc":
                const string strings = "#1 ID\t#2 ID\t#1 String\t#2 String";
                File("train.tsv", "\uFEFF" + Rows(NumTraining, $"Quality\t{strings}", i => $"{Class(i)}\t{i}\t{i + 1}\t\" {First(i)}\t{Second(i)}"));
                File("dev.tsv", "\uFEFF" + Rows(NumDev, $"Quality\t{strings}", i => $"{Class(i)}\t{i}\t{i + 1}\t{First(i)}\t{Second(i)}"));
                File("test.tsv", "\uFEFF" + Rows(NumTest, $"index\t{strings}", i => $"{i}\t{i}\t{i + 1}\t{First(i)}\t{Second(i)}"));
                break;
            case "stsb":
                const string sources = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2";
                File("train.tsv", Rows(NumTraining, $"{sources}\tscore", i => $"{Similar(i)}\t{Class(i) * 4 + i % 3 * 0.25:F3}"));
                File("dev.tsv", Rows(NumDev, $"{sources}\tscore", i => $"{Similar(i)}\t{Class(i) * 4 + i % 3 * 0.25:F3}"));
                File("test.tsv", Rows(NumTest, sources, Similar));
                break;
            case "qqp":
                File("train.tsv", Rows(NumTraining, "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", i => $"{i}\t{i}\t{i}\t{First(i)}?\t{Second(i)}?\t{Class(i)}"));
                File("dev.tsv", Rows(NumDev, "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", i => $"{i}\t{i}\t{i}\t{First(i)}?\t{Second(i)}?\t{Class(i)}"));
                File("test.tsv", Rows(NumTest, "id\tquestion1\tquestion2", i => $"{i}\t{First(i)}?\t{Second(i)}?"));
                break;
            case "mnli":
                const string parses = "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse\tsentence2_parse\tsentence1\tsentence2";
                string Pair(int i) => $"{i}\t{i}\t{i}e\tfiction\t( )\t( )\t(ROOT )\t(ROOT )\t{First(i)}\t{Second(i)}";
                File("diagnostic.tsv", Rows(NumTest, "index\tsentence1\tsentence2", i => $"{i}\t{First(i)}\t{Second(i)}"));
                string[] relations = ["contradiction", "entailment", "neutral"];
                File("train.tsv", Rows(NumTraining, $"{parses}\tlabel1\tgold_label", i => $"{Pair(i)}\t{relations[i % 3]}\t{relations[i % 3]}"));
                foreach (var kind in (string[])["matched", "mismatched"])
                {
                    File($"dev_{kind}.tsv", Rows(NumDev, $"{parses}\tlabel1\tlabel2\tlabel3\tlabel4\tlabel5\tgold_label", i => $"{Pair(i)}{string.Concat(Enumerable.Repeat($"\t{relations[i % 3]}", 6))}"));
                    File($"test_{kind}.tsv", Rows(NumTest, parses, Pair));
                }
                break;
            case "ax":
                File("diagnostic.tsv", Rows(NumTest, "index\tsentence1\tsentence2", i => $"{i}\t{First(i)}\t{Second(i)}"));
                break;
            case "qnli":
                Inference("index\tquestion\tsentence");
                break;
            case "rte":
                Inference("index\tsentence1\tsentence2");
                break;
            case "wnli":
                Inference("index\tsentence1\tsentence2", "0", "1");
                break;
            case "squad1":
                File("train-v1.1.json", Squad(NumTraining, "1.1"));
                File("dev-v1.1.json", Squad(NumDev, "1.1"));
                break;
            case "squad2":
                File("train-v2.0.json", Squad(NumTraining, "v2.0"));
                File("dev-v2.0.json", Squad(NumDev, "v2.0"));
                break;
            case "conll2000":
                File("train.txt", Sentences(NumTraining, (word, tag) => $"{word} NN {tag}"));
                File("test.txt", Sentences(NumDev, (word, tag) => $"{word} NN {tag}"));
                break;
            case "wnut17":
                foreach (var (file, count) in new[] { ("wnut17train.conll", NumTraining), ("emerging.dev.conll", NumDev), ("emerging.test.annotated", NumTest) })
                    File(file, Sentences(count, (word, tag) => $"{word}\t{tag}"));
                break;
            case "ner":
                foreach (var (file, count) in new[] { ("train.txt", NumTraining), ("dev.txt", NumDev), ("test.txt", NumTest) })
                    File(file, "-DOCSTART- -X- -X- O\n\n" + Sentences(count, (word, tag) => $"{word} NN I {tag}"));
                break;
            default:
                throw new ArgumentException($"No invented rows of '{name}'.");
        }

        void Inference(string header, string no = "not_entailment", string yes = "entailment")
        {
            File("train.tsv", Rows(NumTraining, $"{header}\tlabel", i => $"{i}\t{First(i)}\t{Second(i)}\t{(Class(i) == 1 ? yes : no)}"));
            File("dev.tsv", Rows(NumDev, $"{header}\tlabel", i => $"{i}\t{First(i)}\t{Second(i)}\t{(Class(i) == 1 ? yes : no)}"));
            File("test.tsv", Rows(NumTest, header, i => $"{i}\t{First(i)}\t{Second(i)}"));
        }
    }

    static int Class(int i) => i % 2;

    static string First(int i) => $"{Words[i % Words.Length]} is {(Class(i) == 1 ? "good" : "bad")} .";

    static string Second(int i) => $"{Words[(i + 1) % Words.Length]} was {(Class(i) == 1 ? "good" : "bad")} .";

    static string Similar(int i) => $"{i}\tmain-captions\tMSRvid\t2012test\t{i:D4}\tnone\tnone\t{First(i)}\t{Second(i)}";

    static string Rows(int count, string? header, Func<int, string> row)
    {
        var text = new StringBuilder();
        if (header is not null) text.Append(header).Append('\n');
        for (var i = 0; i < count; i++) text.Append(row(i)).Append('\n');
        return text.ToString();
    }

    static string Sentences(int count, Func<string, string, string> line)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            (string Word, string Tag)[] words = i % 2 == 0
                ? [("ann", "B-person"), ("lee", "I-person"), ("saw", "O"), ("rome", "B-location")]
                : [("in", "O"), ("rome", "B-location"), ("bob", "B-person")];
            foreach (var (word, tag) in words) text.Append(line(word, tag)).Append('\n');
            text.Append('\n');
        }
        return text.ToString();
    }

    static string Squad(int count, string version)
    {
        var paragraphs = Enumerable.Range(0, count).Select(i =>
        {
            var subject = Words[i % Words.Length];
            var isImpossible = version == "v2.0" && i % 3 == 2;
            var answers = isImpossible ? "" : $$"""{"text": "{{subject}}", "answer_start": 9}""";
            var flag = version == "v2.0" ? $"\"is_impossible\": {(isImpossible ? "true" : "false")}, " : "";
            return $$"""{"context": "we think {{subject}} is good .", "qas": [{{{flag}}"id": "q{{i}}", "question": "{{(isImpossible ? "where is it" : "what is good")}} ?", "answers": [{{answers}}]}]}""";
        });
        return $$"""{"version": "{{version}}", "data": [{"title": "Invented", "paragraphs": [{{string.Join(",\n", paragraphs)}}]}]}""";
    }
}
