using System.IO.Compression;
using System.IO.Pipes;
using System.Text;
using Electra.Corpus;
using Electra.Tests.Evaluation;
using Parquet;
using Parquet.Schema;
using ZstdSharp;

namespace Electra.Tests.Corpus;

public sealed class TextReadingTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly ReadingReport _report = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.txt"), InlineData("a.txt.gz"), InlineData("a.txt.zst")]
    public void A_blank_line_ends_a_document(string name)
    {
        Write(name, "one\ntwo\n\n \t\r\nthree\n"u8);

        Assert.Equal(["#one", "two", "#three"], Read(name));
    }

    [Theory]
    [InlineData("a.jsonl"), InlineData("a.jsonl.gz"), InlineData("a.jsonl.zst")]
    public void A_line_of_json_is_a_document_and_may_hold_lines(string name)
    {
        Write(name, """
            {"id": 1, "text": "one\n\ntwo \u00e9 \ud83d\ude00 \"q\"", "more": {"text": 3}}

            {"text": "three"}
            """u8);

        Assert.Equal(["#one", "two é 😀 \"q\"", "#three"], Read(name));
    }

    [Theory]
    [InlineData("a.parquet"), InlineData("a.parquet.gz"), InlineData("a.parquet.zst")]
    public async Task A_row_of_parquet_is_a_document(string name)
    {
        var stored = new MemoryStream();
        var (id, text) = (new DataField<int>("id"), new DataField<string>("text"));
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(id, text), stored, cancellationToken: TestContext.Current.CancellationToken))
            for (var group = 0; group < 2; group++)
            {
                using var rows = writer.CreateRowGroup();
                await rows.WriteAsync<int>(id, new[] { 1, 2 }, cancellationToken: TestContext.Current.CancellationToken);
                await rows.WriteAsync(text, [$"one{group}\ntwo é", null!]);
            }
        Write(name, stored.ToArray());

        Assert.Equal(["#one0", "two é", "#one1", "two é"], Read(name));
        Assert.Equal(2, _report.EmptyDocuments);
    }

    [Fact]
    public void What_is_odd_is_counted_and_stays()
    {
        Write("a.txt", [0xEF, 0xBB, 0xBF, .. "good text, caf"u8, 0xE9, .. " and NUL "u8, 0, .. " end\r\nlast without line end"u8]);

        Assert.Equal(["#good text, caf\uFFFD and NUL \0 end", "last without line end"], Read("a.txt"));
        Assert.Equal((1, 1, 1), (_report.ByteOrderMarks, _report.BadBytes, _report.NulBytes));
    }

    [Fact]
    public void Half_a_surrogate_pair_in_json_is_a_bad_character()
    {
        Write("a.jsonl", """{"text": "a \ud83d b \ude00 c \ud83dx"}"""u8);

        Assert.Equal(["#a \uFFFD b \uFFFD c \uFFFDx"], Read("a.jsonl"));
        Assert.Equal(18, _report.BadBytes);
    }

    [Fact]
    public void A_line_over_one_MiB_is_divided_at_whitespace_and_loses_nothing()
    {
        var words = string.Concat(Enumerable.Range(0, 300_000).Select(i => $"word{i} "));
        Write("a.txt", Encoding.UTF8.GetBytes($"before\n{words}\nafter"));

        var lines = Read("a.txt");

        Assert.Equal("#before", lines[0]);
        Assert.Equal("after", lines[^1]);
        Assert.Equal(words, string.Concat(lines[1..^1]));
        Assert.All(lines[1..^1], line => Assert.InRange(line.Length, 1, 1 << 20));
        Assert.All(lines[1..^2], line => Assert.EndsWith(" ", line));
        Assert.Equal(1, _report.DividedLines);
    }

    [Theory]
    [InlineData("a.txt"), InlineData("a.jsonl")]
    public void Where_there_is_no_whitespace_a_long_line_is_divided_at_a_code_point(string name)
    {
        var text = string.Concat(Enumerable.Repeat("語x😀", 300_000));
        Write(name, Encoding.UTF8.GetBytes(name == "a.txt" ? text : $$"""{"text":"{{text}}"}"""));

        var lines = Read(name);

        Assert.Equal($"#{text}", string.Concat(lines));
        Assert.Equal(0, _report.BadBytes);
        Assert.Equal(3, lines.Count);
    }

    [Fact]
    public void A_line_of_50_MB_is_read_in_flat_memory()
    {
        var report = new ReadingReport();
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var lines = new LineReader(new EndlessLetters(50 << 20), "stream", report);
        long bytes = 0;
        while (lines.TryReadPiece(out var piece, out _, out _)) bytes += piece.Length;

        Assert.Equal(50 << 20, bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public void A_line_of_a_pipe_is_read_before_the_next_is_written()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var lines = new LineReader(new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle), "pipe", new ReadingReport());
        foreach (var text in (byte[][])[[.. "caf"u8, 0xE9], [.. "two"u8]])
        {
            pipe.Write([.. text, (byte)'\n']);
            Assert.True(lines.TryReadLine(1 << 20, out var line));
            Assert.Equal(text, line.ToArray());
        }
        pipe.Dispose();
        Assert.False(lines.TryReadLine(1 << 20, out _));
    }

    [Theory]
    [InlineData(0.5), InlineData(0.999)]
    public void A_truncated_gzip_file_is_an_error_that_names_it(double share)
    {
        Write("whole.txt.gz", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(i => $"line {i * 7919}\n"))));
        var bytes = File.ReadAllBytes(_folder["whole.txt.gz"]);
        File.WriteAllBytes(_folder["cut.txt.gz"], bytes[..(int)(bytes.Length * share)]);

        Assert.Equal(5000, Read("whole.txt.gz").Count);
        Assert.Contains("cut.txt.gz: truncated or damaged", Assert.Throws<InvalidDataException>(() => Read("cut.txt.gz")).Message);
    }

    [Fact]
    public void A_truncated_zstandard_file_is_an_error_that_names_it()
    {
        Write("whole.txt.zst", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(i => $"line {i * 7919}\n"))));
        File.WriteAllBytes(_folder["cut.txt.zst"], File.ReadAllBytes(_folder["whole.txt.zst"])[..^100]);

        Assert.Contains("cut.txt.zst: truncated or damaged", Assert.Throws<InvalidDataException>(() => Read("cut.txt.zst")).Message);
    }

    [Fact]
    public void A_changed_byte_in_a_gzip_file_is_noticed()
    {
        Write("a.txt.gz", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(i => $"line {i * 7919}\n"))));
        var bytes = File.ReadAllBytes(_folder["a.txt.gz"]);
        for (var place = bytes.Length / 4; place < bytes.Length; place += bytes.Length / 16)
        {
            var changed = (byte[])bytes.Clone();
            changed[place] ^= 0x10;
            File.WriteAllBytes(_folder["a.txt.gz"], changed);
            Assert.Throws<InvalidDataException>(() => Read("a.txt.gz"));
        }
    }

    [Fact]
    public void Members_of_a_gzip_file_follow_one_another()
    {
        Write("a.txt.gz", "one\n"u8);
        Write("b.txt.gz", "two\n"u8);
        File.WriteAllBytes(_folder["ab.txt.gz"], [.. File.ReadAllBytes(_folder["a.txt.gz"]), .. File.ReadAllBytes(_folder["b.txt.gz"]), 0, 0, 0]);

        Assert.Equal(["#one", "two"], Read("ab.txt.gz"));
    }

    [Fact]
    public void A_binary_file_is_refused()
    {
        var bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        Write("a.txt", bytes);

        Assert.Contains("a.txt: not UTF-8 text", Assert.Throws<InvalidDataException>(() => Read("a.txt")).Message);
    }

    [Fact]
    public void UTF_16_is_refused_by_name()
    {
        Write("a.txt", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("text")]);

        Assert.Contains("a.txt: UTF-16 text; convert it to UTF-8", Assert.Throws<InvalidDataException>(() => Read("a.txt")).Message);
    }

    [Theory]
    [InlineData("{\"text\": \"a\"}\n{\"txt\": \"b\"}", "a.jsonl:2: the line has no field 'text'")]
    [InlineData("{\"text\": \"a\"}\n\n{\"text\": \"b\"", "a.jsonl:3: the line is not JSON")]
    [InlineData("{\"text\": 1}", "a.jsonl:1: the line has a field 'text' that is not a string")]
    [InlineData("[1]", "a.jsonl:1: the line is not a JSON object")]
    public void Bad_json_is_an_error_that_names_file_and_line(string content, string message)
    {
        Write("a.jsonl", Encoding.UTF8.GetBytes(content));

        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read("a.jsonl")).Message);
    }

    [Fact]
    public async Task Parquet_without_a_text_column_names_the_columns_there_are()
    {
        var stored = new MemoryStream();
        var id = new DataField<int>("id");
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(id), stored, cancellationToken: TestContext.Current.CancellationToken))
        {
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync<int>(id, new[] { 1 }, cancellationToken: TestContext.Current.CancellationToken);
        }
        Write("a.parquet", stored.ToArray());
        Write("b.parquet", "no parquet"u8);

        Assert.Contains("a.parquet: no column 'text', only 'id'", Assert.Throws<InvalidDataException>(() => Read("a.parquet")).Message);
        Assert.Contains("b.parquet: not a Parquet file", Assert.Throws<InvalidDataException>(() => Read("b.parquet")).Message);
    }

    [Fact]
    public void Lines_for_a_vocabulary_come_from_all_files_in_order()
    {
        Write("b.txt", "two\n\n"u8);
        Write("a.jsonl", "{\"text\": \"one\"}"u8);

        var lines = TextInput.ReadLines([_folder.Path], _report).Select(line => Encoding.UTF8.GetString(line.Span)).ToList();

        Assert.Equal(["one", "two"], lines);
    }

    void Write(string name, ReadOnlySpan<byte> content)
    {
        using var file = File.Create(_folder[name]);
        using Stream target = Path.GetExtension(name) switch
        {
            ".gz" => new GZipStream(file, CompressionLevel.Fastest),
            ".zst" => new CompressionStream(file),
            _ => file,
        };
        target.Write(content);
    }

    /// <summary>The lines, those that start a document marked by '#'.</summary>
    List<string> Read(string name)
    {
        var file = Assert.Single(InputFiles.Find([_folder[name]]).Files);
        using var reader = new DocumentReader(file, _report);
        return [.. reader.ReadPieces().Select(piece => (piece.StartsDocument ? "#" : "") + Encoding.UTF8.GetString(piece.Text.Span))];
    }

    sealed class EndlessLetters(long length) : ReadOnlyStream
    {
        long _left = length;

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(_left, buffer.Length);
            buffer[..count].Fill((byte)'x');
            _left -= count;
            return count;
        }
    }
}
