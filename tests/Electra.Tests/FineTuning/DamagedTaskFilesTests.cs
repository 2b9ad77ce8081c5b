using System.Text;
using CsCheck;
using Electra.FineTuning.Tasks;
using Electra.Tests.Corpus;
using Electra.Training;
using Parquet;
using Parquet.Schema;

namespace Electra.Tests.FineTuning;

/// <summary>Files damaged at random places: what can be read is read and encoded, what cannot be is an error of one kind.</summary>
public sealed class DamagedTaskFilesTests
{
    /// <summary>What breaks readers: quotes, separators, half characters, control characters, JSON's signs.</summary>
    static readonly byte[][] Pieces =
    [
        .. new[] { "\"", "\t", "\n", "\r\n", ",", "{", "}", "[", "]", "\\", "\\ud800", "\0", "\u200B", "\uFEFF", "😀", " ", "-1", "1e999", "null", "B-", "O", "" }.Select(Encoding.UTF8.GetBytes),
        [0xE9], [0xF0, 0x9F], [0xFF],
    ];

    static readonly Gen<(int Place, int Removed, byte[] Piece)[]> Damages = Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, 3], Gen.Int[0, Pieces.Length - 1].Select(index => Pieces[index])).Array[1, 6];

    static TaskDefinition Task(params string[] overrides) => RecipeFile.Parse("""
        {"name": "mine", "kind": "classification", "format": {"type": "tsv"}, "columns": {"text": "text", "label": "label"}, "labels": ["0", "1"],
         "splits": {"train": {"file": "train"}}, "metrics": ["accuracy"]}
        """, "mine.json", TaskJson.Default.TaskDefinition, overrides);

    static readonly string[] Tagging = ["kind=tagging", "metrics=[\"f1\"]", "labels=[\"O\", \"B-X\", \"I-X\"]"];
    static readonly string[] Questions = ["kind=question_answering", "metrics=[\"f1\"]", "columns=null", "labels=null", "format.type=squad"];

    public static IEnumerable<TheoryDataRow<string, string, string[]>> Layouts() =>
    [
        new("tsv", "text\tlabel\none\t1\ntwo\t0\nthree\t1\n", []),
        new("csv", "text,label\n\"one, two\",1\n\"three\"\"\nfour\",0\n", ["format.type=csv"]),
        new("jsonl", "{\"text\": \"one\", \"label\": 1}\n{\"text\": \"t\\u00e9o\", \"label\": \"0\"}\n", ["format.type=jsonl"]),
        new("conll", "ann N B-X\nlee N I-X\n\nsaw V O\n", [.. Tagging, "columns=null", "format.type=conll"]),
        new("tags in jsonl", "{\"w\": [\"ann\", \"lee\"], \"t\": [\"B-X\", \"I-X\"]}\n", [.. Tagging, "columns={\"words\": \"w\", \"tags\": \"t\"}", "format.type=jsonl"]),
        new("squad", """{"data": [{"title": "t", "paragraphs": [{"context": "ann sat", "qas": [{"id": "1", "question": "who?", "answers": [{"text": "ann", "answer_start": 0}]}]}]}]}""", Questions),
    ];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void A_damaged_file_never_ends_the_program(string name, string content, string[] overrides) =>
        Damages.Sample(damages => ReadAndEncode(Damage(Encoding.UTF8.GetBytes(content), damages), Task(overrides), name), iter: 400);

    [Theory]
    [InlineData(4), InlineData(40), InlineData(-9), InlineData(-1)]
    public async Task A_parquet_file_cut_off_is_an_error_that_names_it(int length)
    {
        var stored = new MemoryStream();
        var text = new DataField<string>("text");
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(text), stored, cancellationToken: TestContext.Current.CancellationToken))
        {
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(text, ["one", "two"]);
        }
        var content = stored.ToArray();

        Assert.StartsWith("parquet: not a Parquet file", Assert.Throws<InvalidDataException>(() => TaskReader.Open(Task("format.type=parquet"), "").ReadStream(
            new MemoryStream(content[..(length < 0 ? content.Length + length : length)]), "parquet", Task("format.type=parquet").Split("train"), new TaskReadingReport()).ToList()).Message);
    }

    static readonly Gen<(int Place, byte Value)[]> Flips = Gen.Select(Gen.Int[0, int.MaxValue], Gen.OneOf(Gen.Byte, Gen.Int[0, 2].Select(index => new byte[] { 0, 0x7F, 0xFF }[index]))).Array[1, 3];

    [Theory]
    [InlineData(CompressionMethod.None), InlineData(CompressionMethod.Snappy), InlineData(CompressionMethod.Zstd)]
    public async Task A_damaged_parquet_file_is_read_or_refused_at_once(CompressionMethod method)
    {
        var stored = new MemoryStream();
        var (text, tags) = (new DataField<string>("text"), new DataField<string[]>("tags"));
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(text, tags), stored, new ParquetOptions { CompressionMethod = method }, cancellationToken: TestContext.Current.CancellationToken))
        {
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(text, ["one", null!, "one", "two"]);
            await rows.WriteAsync(tags, ["a", "b", "a", "b", "a", "b"], new ReadOnlyMemory<int>([0, 1, 0, 0, 0, 1]));
        }
        var content = stored.ToArray();
        var task = Task("format.type=parquet", "kind=multi_label", "metrics=[\"micro_f1\"]", "labels=[\"a\", \"b\"]", "columns.label=tags");

        Flips.Sample(flips =>
        {
            var damaged = content.ToArray();
            // Every third time at the end, where the lengths of everything stand.
            foreach (var (place, value) in flips) damaged[place % 3 == 0 ? damaged.Length - 1 - place % 300 : place % damaged.Length] = value;
            Assert.True(System.Threading.Tasks.Task.Run(() => ReadAndEncode(damaged, task, "parquet")).Wait(TimeSpan.FromSeconds(20)), "It takes more than 20 s.");
        }, iter: 200, threads: 1);
    }

    [Fact]
    public async Task A_parquet_footer_of_another_length_is_refused()
    {
        var stored = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(new DataField<string>("text")), stored, cancellationToken: TestContext.Current.CancellationToken)) { }
        var content = stored.ToArray();
        content[^8]--;

        Assert.Matches("^parquet: not a Parquet file that can be read \\(.+\\)$", Assert.Throws<InvalidDataException>(() => TaskReader.Open(Task("format.type=parquet"), "").ReadStream(
            new MemoryStream(content), "parquet", Task("format.type=parquet").Split("train"), new TaskReadingReport()).ToList()).Message);
    }

    static byte[] Damage(byte[] content, (int Place, int Removed, byte[] Piece)[] damages)
    {
        List<byte> bytes = [.. content];
        foreach (var (place, removed, piece) in damages)
        {
            var at = place % (bytes.Count + 1);
            bytes.RemoveRange(at, Math.Min(removed, bytes.Count - at));
            bytes.InsertRange(at, piece);
        }
        return [.. bytes];
    }

    static void ReadAndEncode(byte[] content, TaskDefinition task, string name)
    {
        var report = new TaskReadingReport();
        var reader = TaskReader.Open(task, "");
        try
        {
            var examples = reader.ReadStream(new MemoryStream(content), name, task.Split("train"), report).ToList();
            new TaskEncoder(task, reader.Labels, LetterTokenizer.Create(), 16).EncodeAll(examples, workers: 1);
            Assert.Equal(report.NumRows, examples.Count + report.NumDropped);
        }
        catch (InvalidDataException exception)
        {
            Assert.StartsWith(name, exception.Message);
        }
    }
}
