using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Electra.Checkpoints;
using Electra.Model;
using Electra.Numerics;
using Electra.Tests.Evaluation;
using static TorchSharp.torch;

namespace Electra.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class PyTorchArchiveTests : IDisposable
{
    const string Rebuild = "ctorch._utils\n_rebuild_tensor_v2\n";

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_archive_holds_the_tensors_of_the_safetensors_file_and_a_buffer()
    {
        using var archive = PyTorchArchive.Open(ReferenceFiles.Get("pytorch-bin", "pytorch_model.bin"));
        using var safetensors = SafetensorsFile.Open(ReferenceFiles.Get("pytorch-bin", "model.safetensors"));
        var (ours, expected) = (StoredFiles.Content(archive), StoredFiles.Content(safetensors));
        ours.Remove("electra.embeddings.position_ids");
        expected.Remove("electra.embeddings.position_ids");
        Assert.Equal(59, ours.Count);
        Assert.Equal(expected, ours);
    }

    [Fact]
    public void The_model_in_the_archive_gives_the_reference_outputs()
    {
        using var scope = NewDisposeScope();
        StoredFiles.Copy(ReferenceFiles.Get("pytorch-bin"), _folder["model"]);
        File.Delete(Path.Combine(_folder["model"], "model.safetensors"));
        using var model = ModelDirectory.Load(_folder["model"]);
        Assert.True(model.Report.IsExact, string.Join('\n', model.Report.Lines()));

        using var golden = JsonDocument.Parse(File.ReadAllBytes(ReferenceFiles.Get("pytorch-bin", "golden.json")));
        int[] Integers(string name) => [.. golden.RootElement.GetProperty("inputs").GetProperty(name).EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(value => value.GetInt32())];
        var lengths = Integers("attention_mask").Chunk(12).Select(row => row.Sum()).ToArray();
        var batch = new TokenBatch(Integers("input_ids"), Integers("token_type_ids"), lengths, 0);
        var outputs = model.Network.Forward(batch);
        var labels = new Dictionary<string, Tensor> { ["labels"] = tensor(Integers("labels").Select(label => (long)label).ToArray()).view(3, 12) };

        var expected = golden.RootElement.GetProperty("outputs");
        Assert.Equal(expected.GetProperty("loss").GetDouble(), model.Network.Head.Loss(outputs, batch, labels).item<float>(), 1e-5);
        var logits = TensorMemory.ToFloats(outputs["logits"]);
        var rows = expected.GetProperty("logits").EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray()).ToArray();
        for (var row = 0; row < 3; row++)
            for (var t = 0; t < lengths[row]; t++)
                Assert.Equal(rows[row][t], logits[row * 12 + t], 1e-5);
    }

    [Theory]
    [InlineData("cposix\nsystem\n(X\u0005\0\0\0echo tR.", "'posix.system'")]
    [InlineData("cbuiltins\neval\n(X\u0001\0\0\01tR.", "'builtins.eval'")]
    [InlineData("ctorch\nload\n.", "'torch.load'")]
    [InlineData("ctorch.storage\n_load_from_bytes\n.", "'torch.storage._load_from_bytes'")]
    [InlineData("(X\u0005\0\0\0posixX\u0006\0\0\0systemi.", "opcode 0x69")]
    [InlineData("ccollections\nOrderedDict\n)\u0081.", "opcode 0x81")]
    [InlineData("}X\u0001\0\0\0aK\u0001s.", "'a', which is no tensor")]
    [InlineData("ccollections\nOrderedDict\n(K\u0001tR.", "calls 'collections.OrderedDict'")]
    [InlineData("K\u0001.", "does not hold a dictionary")]
    [InlineData("", "ends early")]
    [InlineData("}h\u0005.", "recalls value 5")]
    [InlineData("t.", "misses a mark")]
    [InlineData(".", "empty stack")]
    [InlineData("\u0080\u0009.", "protocol above")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ff.", "ends early")]
    public void A_pickle_that_wants_anything_but_tensors_is_refused_by_name(string pickle, string expected)
    {
        var message = Refusal(Encoding.Latin1.GetBytes(pickle));
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData(0, 3, 4, 4, 1, "")]
    [InlineData(0, 4, 3, 1, 4, "")]
    [InlineData(4, 2, 4, 4, 1, "")]
    [InlineData(4, 3, 4, 4, 1, "leaves its storage of 12 elements")]
    [InlineData(0, 3, 4, 5, 1, "leaves its storage of 12 elements")]
    [InlineData(0, 4, 4, 1, 1, "leaves its storage of 12 elements")]
    [InlineData(-1, 3, 4, 4, 1, "leaves its storage of 12 elements")]
    [InlineData(0, -3, 4, 4, 1, "whole number")]
    [InlineData(0, 2000000, 2000000, 0, 0, "leaves its storage of 12 elements")]
    public void A_view_is_read_if_it_lies_inside_its_storage(int offset, int rows, int columns, int rowStride, int columnStride, string expected)
    {
        var pickle = Dictionary("w", Tensor("0", 12, offset, [rows, columns], [rowStride, columnStride]));
        var storage = Enumerable.Range(0, 12).SelectMany(value => BitConverter.GetBytes((float)value)).ToArray();
        var path = Archive(pickle, ("data/0", storage));
        if (expected.Length > 0)
        {
            Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => PyTorchArchive.Open(path)).Message);
            return;
        }
        using var archive = PyTorchArchive.Open(path);
        var read = new float[rows * columns];
        TensorTransfer.ReadFloats(archive, archive.Tensors[0], read);
        var wanted = Enumerable.Range(0, rows * columns).Select(i => (float)(offset + i / columns * rowStride + i % columns * columnStride));
        Assert.Equal(wanted, read);
    }

    [Fact]
    public void A_storage_of_another_length_than_the_pickle_says_is_refused()
    {
        var path = Archive(Dictionary("w", Tensor("0", 12, 0, [12], [1])), ("data/0", new byte[44]));
        Assert.Contains("44 bytes for storage 0, the pickle says 48", Assert.Throws<InvalidDataException>(() => PyTorchArchive.Open(path)).Message);
    }

    [Fact]
    public void A_missing_storage_is_named()
    {
        var path = Archive(Dictionary("w", Tensor("7", 1, 0, [1], [1])));
        Assert.Contains("lacks storage 7, which 'w' needs", Assert.Throws<InvalidDataException>(() => PyTorchArchive.Open(path)).Message);
    }

    [Fact]
    public void A_compressed_storage_is_refused_before_it_unpacks()
    {
        var path = Archive(Dictionary("w", Tensor("0", 1 << 20, 0, [1 << 20], [1])), CompressionLevel.SmallestSize, ("data/0", new byte[4 << 20]));
        Assert.Contains("compresses", Assert.Throws<InvalidDataException>(() => PyTorchArchive.Open(path)).Message);
    }

    [Fact]
    public void A_storage_that_claims_compression_at_its_full_length_is_damaged()
    {
        var path = Archive(Dictionary("w", Tensor("0", 12, 0, [12], [1])), ("data/0", Enumerable.Repeat((byte)0xff, 48).ToArray()));
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().LastIndexOf("PK\u0001\u0002"u8) + 10] = 8;   // the method of the last entry: deflate, where the bytes are stored
        File.WriteAllBytes(path, bytes);
        using var archive = PyTorchArchive.Open(path);
        var refusal = Assert.Throws<InvalidDataException>(() => archive.Read(archive.Tensors[0], 0, new byte[48]));
        Assert.StartsWith($"{path}: the zip archive is damaged (", refusal.Message);
    }

    [Fact]
    public void Big_endian_archives_are_refused()
    {
        var path = Archive("}."u8.ToArray(), ("byteorder", "big"u8.ToArray()));
        Assert.Contains("big-endian", Assert.Throws<InvalidDataException>(() => PyTorchArchive.Open(path)).Message);
    }

    [Fact]
    public void The_form_before_PyTorch_1_6_is_refused_by_name()
    {
        File.WriteAllBytes(_folder["old.bin"], [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e, 0x80, 0x02]);
        Assert.Contains("before PyTorch 1.6", Assert.Throws<InvalidDataException>(() => PyTorchArchive.Open(_folder["old.bin"])).Message);
    }

    [Fact]
    public void Other_files_are_no_archive()
    {
        File.WriteAllBytes(_folder["empty.bin"], []);
        _folder.Write("text.bin", "version https://git-lfs.github.com/spec/v1");
        File.WriteAllBytes(_folder["zip.bin"], "PK\u0003\u0004 and then nothing"u8.ToArray());
        using (ZipFile.Open(_folder["other.bin"], ZipArchiveMode.Create)) { }
        Assert.Contains("is empty", Assert.Throws<InvalidDataException>(() => PyTorchArchive.Open(_folder["empty.bin"])).Message);
        Assert.Contains("not an archive of torch.save", Assert.Throws<InvalidDataException>(() => PyTorchArchive.Open(_folder["text.bin"])).Message);
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => PyTorchArchive.Open(_folder["zip.bin"])).Message);
        Assert.Contains("data.pkl", Assert.Throws<InvalidDataException>(() => PyTorchArchive.Open(_folder["other.bin"])).Message);
    }

    string Refusal(byte[] pickle) => Assert.Throws<InvalidDataException>(() => PyTorchArchive.Open(Archive(pickle))).Message;

    string Archive(byte[] pickle, params (string Name, byte[] Content)[] files) => Archive(pickle, CompressionLevel.NoCompression, files);

    string Archive(byte[] pickle, CompressionLevel compression, params (string Name, byte[] Content)[] files)
    {
        var path = _folder["model.bin"];
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, content) in files.Prepend(("data.pkl", pickle)))
        {
            using var stream = archive.CreateEntry($"model/{name}", name == "data.pkl" ? CompressionLevel.NoCompression : compression).Open();
            stream.Write(content);
        }
        return path;
    }

    static byte[] Dictionary(string name, byte[] value) => [.. "}"u8, .. Text(name), .. value, .. "s."u8];

    static byte[] Tensor(string storage, int count, int offset, int[] shape, int[] strides) =>
    [
        .. Encoding.Latin1.GetBytes(Rebuild), .. "(("u8, .. Text("storage"), .. "ctorch\nFloatStorage\n"u8, .. Text(storage), .. Text("cpu"), .. Number(count), .. "tQ"u8,
        .. Number(offset), .. "("u8, .. shape.SelectMany(Number), .. "t("u8, .. strides.SelectMany(Number), .. "t"u8, 0x89, .. "ccollections\nOrderedDict\n)RtR"u8,
    ];

    static byte[] Number(int value)
    {
        var bytes = new byte[5];
        bytes[0] = (byte)'J';
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), value);
        return bytes;
    }

    static byte[] Text(string text) => [(byte)'X', .. BitConverter.GetBytes(text.Length), .. Encoding.ASCII.GetBytes(text)];
}
