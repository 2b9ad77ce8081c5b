using System.Text.Json;

namespace Electra.Tests.FineTuning;

/// <summary>Invented rows in the official layout of each built-in task, few and easy to learn.</summary>
static class InventedTaskFiles
{
    const int NumTraining = 24, NumDev = 8;

    /// <summary>Writes the training and dev sets of a task, and its test set where the benchmark has one.</summary>
    public static void Write(string task, string folder)
    {
        Directory.CreateDirectory(folder);
        switch (task)
        {
            case "cola":
                Tables(null, row => ["gj04", $"{row % 2}", row % 2 == 0 ? "*" : "", row % 2 == 0 ? "the was film good" : "the film was good"]);
                Table("test.tsv", "index\tsentence", 4, row => [$"{row}", "the film was good"]);
                break;
            case "sst2":
                Tables("sentence\tlabel", row => [row % 2 == 0 ? "a very poor film" : "a very good film", $"{row % 2}"]);
                Table("test.tsv", "index\tsentence", 4, row => [$"{row}", "a good film"]);
                break;
            case "mrpc":
                Tables("Quality\t#1 ID\t#2 ID\t#1 String\t#2 String", row => [$"{row % 2}", $"{100 + row}", $"{200 + row}", "mary likes tea", row % 2 == 0 ? "john lives in paris" : "tea is what mary likes"]);
                break;
            case "stsb":
                Tables("index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore",
                    row => [$"{row}", "main-news", "headlines", "2015", "0001", "none", "none", "mary likes tea", row % 2 == 0 ? "the film was bad" : "mary likes red tea", row % 2 == 0 ? "0.500" : "4.600"]);
                break;
            case "qqp":
                Tables("id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", row => [$"{row}", "1", "2", "who made the film ?", row % 2 == 0 ? "what is red ?" : "the film was made by who ?", $"{row % 2}"]);
                break;
            case "mnli":
                foreach (var (name, count) in new[] { ("train.tsv", NumTraining), ("dev_matched.tsv", NumDev), ("dev_mismatched.tsv", NumDev) })
                    Table(name, "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse\tsentence2_parse\tsentence1\tsentence2\tlabel1\tgold_label", count, row =>
                    {
                        var (hypothesis, label) = new[] { ("the film is not good", "contradiction"), ("the film is fine", "entailment"), ("mary likes the film", "neutral") }[row % 3];
                        return [$"{row}", "1", "1a", "fiction", "( )", "( )", "(ROOT)", "(ROOT)", "the film is very good", hypothesis, label, label];
                    });
                break;
            case "qnli":
                Tables("index\tquestion\tsentence\tlabel", row => [$"{row}", "who wrote the book ?", row % 2 == 0 ? "mary wrote it" : "london is not red", row % 2 == 0 ? "entailment" : "not_entailment"]);
                break;
            case "rte":
                Tables("index\tsentence1\tsentence2\tlabel", row => [$"{row}", "john lives in london", row % 2 == 0 ? "john is in london" : "mary likes tea", row % 2 == 0 ? "entailment" : "not_entailment"]);
                break;
            case "wnli":
                Tables("index\tsentence1\tsentence2\tlabel", row => [$"{row}", "mary likes the book", row % 2 == 0 ? "the book was good" : "mary was good", $"{row % 2}"]);
                break;
            case "ax":
                Table("diagnostic.tsv", "index\tsentence1\tsentence2", NumDev, row => [$"{row}", "the film is very good", "the film is fine"]);
                break;
            case "squad1":
                Squad("train-v1.1.json", NumTraining, hasUnanswerable: false);
                Squad("dev-v1.1.json", NumDev, hasUnanswerable: false);
                break;
            case "squad2":
                Squad("train-v2.0.json", NumTraining, hasUnanswerable: true);
                Squad("dev-v2.0.json", NumDev, hasUnanswerable: true);
                break;
            case "conll2000":
                Sentences("train.txt", NumTraining, "the DT B-NP\nfilm NN I-NP\nwas VBD B-VP\ngood JJ B-ADJP\n. . O\n");
                Sentences("test.txt", NumDev, "the DT B-NP\nbook NN I-NP\nwas VBD B-VP\nbad JJ B-ADJP\n. . O\n");
                break;
            case "wnut17":
                Sentences("wnut17train.conll", NumTraining, "mary\tB-person\nlives\tO\nin\tO\nlondon\tB-location\n");
                Sentences("emerging.dev.conll", NumDev, "john\tB-person\nlives\tO\nin\tO\nparis\tB-location\n");
                break;
            case "ner":
                Sentences("train.txt", NumTraining, "mary NNP B-PER\nlives VBZ O\nin IN O\nlondon NNP B-LOC\n");
                Sentences("dev.txt", NumDev, "john NNP B-PER\nlives VBZ O\nin IN O\nparis NNP B-LOC\n");
                break;
            default: throw new ArgumentException($"{task}: give the new task its invented rows here.");
        }

        void Tables(string? header, Func<int, string[]> row)
        {
            Table("train.tsv", header, NumTraining, row);
            Table("dev.tsv", header, NumDev, row);
        }

        void Table(string name, string? header, int count, Func<int, string[]> row) => File.WriteAllLines(
            Path.Combine(folder, name), [.. header is null ? [] : (string[])[header], .. Enumerable.Range(0, count).Select(i => string.Join('\t', row(i)))]);

        void Sentences(string name, int count, string sentence) => File.WriteAllText(Path.Combine(folder, name), string.Concat(Enumerable.Repeat(sentence + "\n", count)));

        void Squad(string name, int count, bool hasUnanswerable)
        {
            var questions = Enumerable.Range(0, count).Select(row =>
            {
                var isImpossible = hasUnanswerable && row % 2 == 1;
                var question = isImpossible ? "what is red ?" : "who wrote the book ?";
                var answers = isImpossible ? "[]" : """[{"text": "mary", "answer_start": 8}]""";
                return $$"""{"id": "{{name}}-{{row}}", "question": "{{question}}", {{(hasUnanswerable ? $"\"is_impossible\": {JsonSerializer.Serialize(isImpossible)}, " : "")}}"answers": {{answers}}}""";
            });
            File.WriteAllText(Path.Combine(folder, name), $$"""
                {"version": "{{(hasUnanswerable ? "v2.0" : "1.1")}}", "data": [{"title": "books", "paragraphs": [{"context": "it was  mary who wrote the book in london . john lives in paris .", "qas": [{{string.Join(",\n", questions)}}]}]}]}
                """);
        }
    }
}
