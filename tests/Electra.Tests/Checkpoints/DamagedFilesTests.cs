using CsCheck;
using Electra.Checkpoints;
using Electra.Tests.Evaluation;

namespace Electra.Tests.Checkpoints;

/// <summary>Ten thousand damaged files: each is read whole or refused in one line, within a second and without asking for memory.</summary>
[Collection(TorchCollection.Name)]
public sealed class DamagedFilesTests : IDisposable
{
    const int Times = 2_500;
    const long MaxBytes = 64 << 20;

    static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    /// <summary>Text that a damaged header or index may well contain.</summary>
    static readonly string[] Tokens = ["{", "}", "[", "]", ",", ":", "\"", "-", "0", "9", "e9", "999999999999", "18446744073709551616", "null", "true", "../", "\\u0000", "\\ud800", ".index.json", "F32", "I8", "__metadata__"];

    static readonly Gen<Func<byte[], byte[]>> Damage = Gen.Frequency(
        (3, Gen.Select(Gen.Double.Unit, Gen.Byte, (at, value) => Change((bytes, i) => bytes[i] = value, at))),
        (2, Gen.Select(Gen.Double.Unit, Gen.Int[0, 7], (at, bit) => Change((bytes, i) => bytes[i] ^= (byte)(1 << bit), at))),
        (1, Gen.Double.Unit.Select(at => (Func<byte[], byte[]>)(bytes => bytes[..(int)(at * bytes.Length)]))),
        (1, Gen.Select(Gen.Double.Unit, Gen.Int[1, 200], (at, count) => Splice(at, count, []))),
        (1, Gen.Select(Gen.Double.Unit, Gen.Int[0, 8], Gen.Byte.Array[1, 16], (at, count, with) => Splice(at, count, with))),
        (3, Gen.Select(Gen.Double.Unit, Gen.Int[0, 8], Gen.Int[0, Tokens.Length - 1].Select(i => Tokens[i]), (at, count, with) => Splice(at, count, System.Text.Encoding.ASCII.GetBytes(with)))));

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Damaged_safetensors() => Check("models/electra-generator/model.safetensors", "model.safetensors", headerBytes: 6_000, path =>
    {
        using var file = SafetensorsFile.Open(path);
        ReadAll(file);
    });

    [Fact]
    public void Damaged_archives() => Check("pytorch-bin/pytorch_model.bin", "pytorch_model.bin", headerBytes: 7_300, path =>
    {
        using var archive = PyTorchArchive.Open(path);
        ReadAll(archive);
    });

    [Fact]
    public void Damaged_indexes()
    {
        var shard = _folder["model-00001-of-00001.safetensors"];
        File.Copy(ReferenceFiles.Get("models", "electra-generator", "model.safetensors"), shard);
        string[] names;
        using (var file = SafetensorsFile.Open(shard)) names = [.. file.Tensors.Select(tensor => tensor.Name)];
        var index = $"{{\"metadata\":{{\"total_size\":1}},\"weight_map\":{{{string.Join(',', names.Select(name => $"\"{name}\":\"{Path.GetFileName(shard)}\""))}}}}}";
        Check(System.Text.Encoding.UTF8.GetBytes(index), "model.safetensors.index.json", headerBytes: int.MaxValue, path =>
        {
            using var sharded = ShardedTensors.Open(path);
            ReadAll(sharded);
        });
    }

    [Fact]
    public void Damaged_configurations()
    {
        StoredFiles.Copy(ReferenceFiles.Get("models", "electra-generator"), _folder.Path);
        Check("models/electra-generator/config.json", "config.json", headerBytes: int.MaxValue, path =>
        {
            using var model = ModelDirectory.Load(Path.GetDirectoryName(path)!);
        });
    }

    void Check(string original, string name, int headerBytes, Action<string> read) => Check(File.ReadAllBytes(ReferenceFiles.Get(original.Split('/'))), name, headerBytes, read);

    /// <param name="headerBytes">Half of the damage falls on so many bytes at the file's beginning, a part of the rest on as many at its end.</param>
    void Check(byte[] original, string name, int headerBytes, Action<string> read)
    {
        var path = _folder[name];
        var (numRead, numRefused) = (0, 0);
        Gen.Select(Damage.Array[1, 3], Gen.Int[0, 3]).Sample((damages, part) =>
        {
            var size = Math.Min(headerBytes, original.Length);
            // Zip archives keep their directory at the end.
            var (begin, end) = part switch { 0 or 1 => (0, size), 2 => (original.Length - size, original.Length), _ => (0, original.Length) };
            var damaged = damages.Aggregate(original[begin..end], (bytes, damage) => bytes.Length > 0 ? damage(bytes) : bytes);
            File.WriteAllBytes(path, [.. original[..begin], .. damaged, .. original[end..]]);

            var memory = GC.GetAllocatedBytesForCurrentThread();
            var start = Environment.CpuUsage.TotalTime;   // not the clock's: the machine may be busy with something else
            try
            {
                read(path);
                numRead++;
            }
            catch (Exception exception) when (exception is InvalidDataException or FileNotFoundException)
            {
                Assert.Contains(_folder.Path, exception.Message);
                Assert.InRange(exception.Message.Length, _folder.Path.Length, 1_500);
                numRefused++;
            }
            Assert.InRange(Environment.CpuUsage.TotalTime - start, TimeSpan.Zero, MaxTime);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - memory, 0, MaxBytes);
        }, iter: Times, threads: 1);
        Assert.True(numRefused > Times / 4, $"{numRead} files were read, {numRefused} refused: the damage misses.");
    }

    static void ReadAll(ITensorSource source)
    {
        foreach (var tensor in source.Tensors)
        {
            // Every tensor's bytes are in the file, so none can be larger.
            var bytes = new byte[tensor.NumBytes];
            source.Read(tensor, 0, bytes);
        }
    }

    static Func<byte[], byte[]> Change(Action<byte[], int> change, double at) => bytes =>
    {
        var changed = bytes.ToArray();
        change(changed, (int)(at * changed.Length));
        return changed;
    };

    static Func<byte[], byte[]> Splice(double at, int count, byte[] with) => bytes =>
    {
        var i = (int)(at * bytes.Length);
        return [.. bytes[..i], .. with, .. bytes[Math.Min(bytes.Length, i + count)..]];
    };
}
