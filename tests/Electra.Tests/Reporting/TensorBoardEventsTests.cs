using System.Buffers.Binary;
using System.Text;
using Electra.Reporting;
using Electra.Tests.Evaluation;

namespace Electra.Tests.Reporting;

public sealed class TensorBoardEventsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_begins_with_its_version()
    {
        using var events = Create();

        var first = Assert.Single(Read(events.Path));
        Assert.Equal("brain.Event:2", Encoding.UTF8.GetString(first[3]));
        Assert.Equal(1_700_000_000.5, BitConverter.ToDouble(first[1]));
    }

    [Fact]
    public void Scalars_are_read_back_with_step_and_tag()
    {
        using var events = Create();
        events.Write(new MetricsEntry(300, MetricsEntry.Train, new Dictionary<string, double> { ["loss"] = 12.5, ["learning_rate"] = 5e-4 }));
        events.Flush();

        var written = Read(events.Path)[1];

        Assert.Equal([0xAC, 0x02], written[2]); // 300 as a varint
        var values = Fields(written[5]).Select(value => Fields(value.Bytes).ToDictionary(field => field.Number, field => field.Bytes)).ToList();
        Assert.Equal(["train/loss", "train/learning_rate"], values.Select(value => Encoding.UTF8.GetString(value[1])));
        Assert.Equal([12.5f, 5e-4f], values.Select(value => BitConverter.ToSingle(value[2])));
    }

    [Fact]
    public void Values_that_are_no_numbers_are_kept()
    {
        using var events = Create();
        events.Write(1, [new("loss", double.NaN)]);
        events.Flush();

        var value = Fields(Fields(Read(events.Path)[1][5]).Single().Bytes).Single(field => field.Number == 2);
        Assert.True(float.IsNaN(BitConverter.ToSingle(value.Bytes)));
    }

    [Fact]
    public void A_resumed_run_begins_a_later_file_that_drops_the_steps_after_its_checkpoint()
    {
        string first;
        using (var events = Create()) first = events.Path;

        using var resumed = TensorBoardEvents.Create(_folder.Path, new FixedClock(), resumedAfter: 100);

        Assert.True(string.CompareOrdinal(resumed.Path, first) > 0);
        var start = Read(resumed.Path)[1];
        Assert.Equal([101], start[2]); // TensorBoard drops this step and later ones
        Assert.Equal([0x08, 0x01], start[7]); // SessionLog.status = START
    }

    [Fact]
    public void A_changed_byte_fails_the_checksum()
    {
        string path;
        using (var events = Create())
        {
            events.Write(1, [new("loss", 1)]);
            path = events.Path;
        }
        var bytes = File.ReadAllBytes(path);
        bytes[^6] ^= 1;
        File.WriteAllBytes(path, bytes);

        Assert.ThrowsAny<Exception>(() => Read(path));
    }

    [Fact]
    public void The_checksum_is_crc_32c() => Assert.Equal(0xE3069283u, Crc32C("123456789"u8)); // the polynomial's check value

    TensorBoardEvents Create() => TensorBoardEvents.Create(_folder.Path, new FixedClock());

    /// <summary>Events by protobuf field number, read frame by frame with both checksums verified.</summary>
    static List<Dictionary<int, byte[]>> Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length].AsSpan();
        file.ReadExactly(bytes);
        var events = new List<Dictionary<int, byte[]>>();
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(Masked(Crc32C(bytes[..8])), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            var message = bytes.Slice(12, length);
            Assert.Equal(Masked(Crc32C(message)), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]));
            events.Add(Fields(message.ToArray()).ToDictionary(field => field.Number, field => field.Bytes));
            bytes = bytes[(12 + length + 4)..];
        }
        return events;
    }

    static List<(int Number, byte[] Bytes)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[])>();
        for (var i = 0; i < message.Length;)
        {
            int number = message[i] >> 3, wire = message[i++] & 7, start = i, length;
            switch (wire)
            {
                case 0:
                    while (message[i] >= 0x80) i++;
                    length = ++i - start;
                    break;
                case 2:
                    length = message[i] < 0x80 ? message[i] : (message[i++] & 0x7F) | (message[i] << 7);
                    start = i + 1;
                    break;
                default:
                    length = wire == 1 ? 8 : 4;
                    break;
            }
            fields.Add((number, message[start..(start + length)]));
            i = start + length;
        }
        return fields;
    }

    static uint Masked(uint checksum) => ((checksum >> 15) | (checksum << 17)) + 0xA282EAD8;

    static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var checksum = uint.MaxValue;
        foreach (var value in bytes)
        {
            checksum ^= value;
            for (var bit = 0; bit < 8; bit++) checksum = (checksum & 1) != 0 ? (checksum >> 1) ^ 0x82F63B78 : checksum >> 1;
        }
        return ~checksum;
    }

    sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_500);
    }
}
