using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Electra.Cli;
using Electra.Tokenization;
using static Electra.Tests.Tokenization.TokenizationReference;

namespace Electra.Tests.Tokenization;

public sealed class TokenizerCommandsTests
{
    static readonly Lazy<ITokenizer> Bert = new(() => TokenizerDirectory.Load(DirectoryOf("bert-base-uncased")));

    static string Tokenize(string input, bool jsonl = false, bool withSpecial = true)
    {
        using var output = new MemoryStream();
        TokenizeCommand.Run(Bert.Value, new MemoryStream(Encoding.UTF8.GetBytes(input)), output, jsonl, withSpecial);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    static int Run(Command command, params string[] arguments) => ExitCodes.Run(new RootCommand { command }, [command.Name, .. arguments]);

    [Fact]
    public void Each_line_gives_one_line_of_json() =>
        Assert.Equal(
            """
            {"ids":[101,7592,100,102],"tokens":["[CLS]","hello","[UNK]","[SEP]"],"offsets":[[0,0],[0,5],[6,8],[0,0]]}
            {"ids":[101,102],"tokens":["[CLS]","[SEP]"],"offsets":[[0,0],[0,0]]}
            {"ids":[101,2088,102],"tokens":["[CLS]","world","[SEP]"],"offsets":[[0,0],[1,6],[0,0]]}

            """, Tokenize("Hello 😀\r\n\n world"));

    [Fact]
    public void Special_tokens_can_be_left_out_and_text_may_be_json() =>
        Assert.Equal("{\"ids\":[7592],\"tokens\":[\"hello\"],\"offsets\":[[1,6]]}\n", Tokenize("""{"id": 1, "text": "\nHello"}""", jsonl: true, withSpecial: false));

    [Theory]
    [InlineData("{\"text\": \"a\"}\n{\"text\": 3}", "line 2: a JSON object with a string \"text\"")]
    [InlineData("{\"text\": \"a\"}\n\n", "line 2: no valid JSON")]
    [InlineData("{\"text\": \"\\ud800\"}", "line 1: text that is not Unicode")]
    [InlineData("[1]", "line 1: a JSON object")]
    public void A_bad_line_of_json_is_named_by_its_number(string input, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Tokenize(input, jsonl: true)).Message);

    [Fact]
    public void Lines_longer_than_the_buffer_come_whole()
    {
        var line = string.Concat(Enumerable.Repeat("hello ", 50_000));
        var lines = TextLines.Read(new MemoryStream(Encoding.UTF8.GetBytes($"a\n{line}\nb")), "test").Select(bytes => Encoding.UTF8.GetString(bytes.Span)).ToList();

        Assert.Equal(["a", line, "b"], lines);
    }

    [Fact]
    public void It_ends_when_nobody_reads_any_more()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Electra.Cli"), ["tokenize", "--tokenizer", DirectoryOf("bert-base-uncased")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        using var program = Process.Start(start)!;
        program.StandardInput.WriteLine("Hello");
        program.StandardInput.Flush();
        Assert.StartsWith("{\"ids\"", program.StandardOutput.ReadLine());
        program.StandardOutput.Close();
        program.StandardInput.WriteLine("world");
        program.StandardInput.Flush(); // and stays open

        Assert.True(program.WaitForExit(TimeSpan.FromSeconds(20)));
        Assert.Equal(128 + 13, program.ExitCode);
    }

    [Theory]
    [InlineData("wordpiece"), InlineData("bpe")]
    public void A_trained_vocabulary_is_written_read_and_inspected(string kind)
    {
        using var folder = NewFolder();
        var text = folder.Write("text.txt", "the cat and the hat and the bat\n");
        var output = Path.Combine(folder.Path, "out");
        Directory.CreateDirectory(output); // an empty one is as good as none

        Assert.Equal(0, Run(VocabCommand.Create(), "train", "--input", text, "--size", "270", "--kind", kind, "--out", output));
        var tokenizer = TokenizerDirectory.Load(output);
        Assert.Contains(kind == "bpe" ? "Ġthe" : "the", tokenizer.Vocabulary.Tokens);
        Assert.Equal(0, Run(VocabCommand.Create(), "inspect", output));
        Assert.Equal(kind == "bpe" ? "byte-level BPE" : "WordPiece", VocabularySummary.Of(tokenizer).Kind);
        Assert.Equal([output, text], Directory.EnumerateFileSystemEntries(folder.Path).Order());
    }

    [Fact]
    public void An_existing_output_is_refused_and_kept()
    {
        using var folder = NewFolder();
        var text = folder.Write("text.txt", "the cat\n");

        Assert.Equal(ExitCodes.UserMistake, Run(VocabCommand.Create(), "train", "--input", text, "--out", folder.Path));
        Assert.Equal([text], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void What_stands_where_the_vocabulary_is_written_first_is_refused_and_kept()
    {
        using var folder = NewFolder();
        var text = folder.Write("text.txt", "the cat\n");
        var mine = folder.Write("out.unfinished", "mine");

        Assert.Equal(ExitCodes.UserMistake, Run(VocabCommand.Create(), "train", "--input", text, "--out", Path.Combine(folder.Path, "out")));
        Assert.Equal("mine", File.ReadAllText(mine));
    }

    [Fact]
    public void A_vocabulary_that_cannot_be_made_leaves_nothing()
    {
        using var folder = NewFolder();
        var text = folder.Write("text.txt", " \n");

        Assert.Equal(ExitCodes.UserMistake, Run(VocabCommand.Create(), "train", "--input", text, "--out", Path.Combine(folder.Path, "out")));
        Assert.Equal([text], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void The_benchmark_runs_on_a_text_file()
    {
        using var folder = NewFolder();
        var text = folder.Write("text.txt", "The quick brown fox.\n");

        Assert.Equal(0, Run(BenchCommand.Create(), "tokenize", "--data", text, "--tokenizer", DirectoryOf("bert-base-uncased"), "--runs", "1", "--json"));
        Assert.Equal(ExitCodes.UserMistake, Run(BenchCommand.Create(), "tokenize", "--data", folder.Write("empty.txt", ""), "--tokenizer", DirectoryOf("bert-base-uncased")));
    }
}
