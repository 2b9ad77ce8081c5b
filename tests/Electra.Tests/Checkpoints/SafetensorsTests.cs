using System.Buffers.Binary;
using Electra.Checkpoints;
using Electra.Numerics;
using Electra.Tests.Evaluation;
using static TorchSharp.torch;

namespace Electra.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class SafetensorsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12, "overlap")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4, "the file holds 4")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[9000000000000000000,9000000000000000008]}}", 8, "the file holds 8")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12, "4 bytes unnamed before 'a'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 12, "4 bytes unnamed at the end")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}", 16, "names 'a' twice")]
    [InlineData("{\"a\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "dtype 'F33'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"colour\":1}}", 8, "'colour'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "'shape'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "two data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, "takes 12")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, "whole numbers")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,8]}}", 8, "whole numbers")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,2],\"data_offsets\":[0,8]}}", 8, "impossible shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,2],\"data_offsets\":[0,8]}}", 8, "more than 8 numbers")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4,8]}}", 8, "more than 2 numbers")]
    [InlineData("{\"a\":[]}", 0, "no object")]
    [InlineData("{\"__metadata__\":{\"format\":1}}", 0, "no text")]
    [InlineData("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0, "metadata 'a' twice")]
    [InlineData("[]", 0, "does not begin with '{'")]
    [InlineData("{\"a\":", 0, "not valid JSON")]
    [InlineData("{} {}", 0, "not valid JSON")]
    public void A_bad_header_is_refused_in_one_line_that_names_the_file(string header, int dataBytes, string expected)
    {
        var path = _folder["bad.safetensors"];
        File.WriteAllBytes(path, StoredFiles.Safetensors(header, dataBytes));
        var message = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path)).Message;
        Assert.StartsWith(path, message);
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void A_header_length_beyond_the_file_is_refused_without_taking_memory(long length)
    {
        var path = _folder["bad.safetensors"];
        var bytes = StoredFiles.Safetensors("{}", 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        File.WriteAllBytes(path, bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("the header claims", Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void A_header_above_the_limit_is_refused_even_if_the_file_is_that_long()
    {
        var path = _folder["bad.safetensors"];
        using (var file = File.Create(path))
        {
            file.Write(BitConverter.GetBytes(17L << 20));
            file.SetLength(8 + (17L << 20));
        }
        Assert.Contains("at most 16,777,216", Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path)).Message);
    }

    [Fact]
    public void An_empty_file_a_directory_and_a_missing_file_each_have_their_own_error()
    {
        File.WriteAllBytes(_folder["empty"], []);
        Directory.CreateDirectory(_folder["directory"]);
        Assert.Contains("is empty", Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(_folder["empty"])).Message);
        Assert.Contains("is a directory", Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(_folder["directory"])).Message);
        Assert.Contains("does not exist", Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open(_folder["missing"])).Message);
    }

    [Fact]
    public void Writing_what_was_read_gives_the_same_bytes_as_the_original_of_Hugging_Face()
    {
        var original = ReferenceFiles.Get("models", "bert-pretraining", "model.safetensors");
        using (var source = SafetensorsFile.Open(original))
        {
            Assert.Equal("pt", source.Metadata["format"]);
            SafetensorsWriter.Write(_folder["copy"], source.Tensors.Select(tensor => TensorTransfer.Item(tensor.Name, source, tensor)).Reverse());
        }
        Assert.Equal(File.ReadAllBytes(original), File.ReadAllBytes(_folder["copy"]));
    }

    [Fact]
    public void Every_format_comes_back_with_its_bits()
    {
        using var scope = NewDisposeScope();
        var random = new Random(1);
        ScalarType[] types = [ScalarType.Bool, ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int32, ScalarType.Float32, ScalarType.Int64, ScalarType.Float64];
        var tensors = types.ToDictionary(type => $"{type}", type =>
        {
            var tensor = empty([3, 5], type);
            random.NextBytes(TensorMemory.Span<byte>(tensor));
            return type == ScalarType.Bool ? tensor.to(ScalarType.Byte).bitwise_and(ones([3, 5], ScalarType.Byte)).to(ScalarType.Bool) : tensor;
        });
        SafetensorsWriter.Write(_folder["all"], tensors.Select(pair => TensorTransfer.Item(pair.Key, pair.Value)));

        using var file = SafetensorsFile.Open(_folder["all"]);
        Assert.Equal(types.Length, file.Tensors.Count);
        foreach (var stored in file.Tensors)
        {
            using var back = TensorTransfer.Read(file, stored);
            Assert.Equal(tensors[stored.Name].dtype, back.dtype);
            Assert.Equal(TensorMemory.Span<byte>(tensors[stored.Name]).ToArray(), TensorMemory.Span<byte>(back).ToArray());
        }
    }

    [Theory]
    [InlineData(TensorFormat.Float16)]
    [InlineData(TensorFormat.BFloat16)]
    [InlineData(TensorFormat.Float64)]
    public void Our_conversions_round_as_torch_does(TensorFormat format)
    {
        using var scope = NewDisposeScope();
        var values = randn(5000, ScalarType.Float32, generator: new Generator(7)) * exp(randn(5000, ScalarType.Float32, generator: new Generator(8)) * 6);
        float[] odd = [0f, -0f, 1e-8f, 6e-8f, 65504, 65519, 65520, 1e30f, float.MaxValue, float.PositiveInfinity, float.NegativeInfinity, 1.00390625f, 1.01171875f];
        values = cat([values, tensor(odd)]);
        var floats = TensorMemory.ToFloats(values);
        SafetensorsWriter.Write(_folder["ours"], [TensorTransfer.Item("x", floats, [floats.Length], format)]);
        SafetensorsWriter.Write(_folder["torch"], [TensorTransfer.Item("x", values, format)]);
        Assert.Equal(File.ReadAllBytes(_folder["torch"]), File.ReadAllBytes(_folder["ours"]));

        using var file = SafetensorsFile.Open(_folder["ours"]);
        var read = new float[floats.Length];
        TensorTransfer.ReadFloats(file, file.Tensors[0], read);
        using var expected = empty([floats.Length]);
        TensorTransfer.Read(file, file.Tensors[0], expected);
        Assert.Equal(TensorMemory.ToFloats(expected), read);
    }

    [Fact]
    public void A_NaN_stays_a_NaN_in_every_format()
    {
        foreach (var format in (TensorFormat[])[TensorFormat.Float16, TensorFormat.BFloat16])
        {
            SafetensorsWriter.Write(_folder["nan"], [TensorTransfer.Item("x", new[] { float.NaN, BitConverter.UInt32BitsToSingle(0x7F800001) }, [2], format)]);
            using var file = SafetensorsFile.Open(_folder["nan"]);
            var read = new float[2];
            TensorTransfer.ReadFloats(file, file.Tensors[0], read);
            Assert.All(read, value => Assert.True(float.IsNaN(value)));
        }
    }

    [Fact]
    public void A_tensor_larger_than_a_piece_streams_into_existing_memory()
    {
        using var scope = NewDisposeScope();
        const int size = (1 << 20) + 12345;
        var values = arange(size, ScalarType.Float32);
        SafetensorsWriter.Write(_folder["big"], [TensorTransfer.Item("x", values.view(-1, 1))]);
        using var file = SafetensorsFile.Open(_folder["big"]);

        var destination = zeros(size + 1);
        TensorTransfer.Read(file, file.Tensors[0], destination.narrow(0, 1, size));
        Assert.Equal(TensorMemory.ToFloats(values), TensorMemory.ToFloats(destination)[1..]);
        Assert.Throws<InvalidDataException>(() => TensorTransfer.Read(file, file.Tensors[0], destination));
    }

    [Fact]
    public void Two_tensors_of_one_name_are_not_written_and_the_old_file_stays()
    {
        File.WriteAllText(_folder["kept"], "old");
        var item = TensorTransfer.Item("x", new float[1], [1]);
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(_folder["kept"], [item, item]));
        Assert.Equal("old", File.ReadAllText(_folder["kept"]));
    }
}
