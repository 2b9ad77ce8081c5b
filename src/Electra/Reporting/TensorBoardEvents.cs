using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;

namespace Electra.Reporting;

/// <summary>
/// Writes scalars as TensorBoard reads them: TFRecord frames (length, its checksum, bytes, their checksum) of Event messages.
/// Each start of a run begins a file of its own; a resumed one opens it with a session start, at which TensorBoard
/// drops what earlier files hold of that step and later ones.
/// </summary>
public sealed class TensorBoardEvents : IDisposable
{
    // Field numbers of tensorflow/core/util/event.proto and framework/summary.proto.
    const int EventWallTime = 1, EventStep = 2, EventFileVersion = 3, EventSummary = 5, EventSessionLog = 7;
    const int SummaryValue = 1, ValueTag = 1, ValueSimpleValue = 2, SessionStatus = 1, SessionStart = 1;

    const uint ChecksumMask = 0xA282EAD8;

    readonly FileStream _file;
    readonly TimeProvider _clock;

    TensorBoardEvents(FileStream file, TimeProvider clock) => (_file, _clock) = (file, clock);

    /// <summary>The file's path.</summary>
    public string Path => _file.Name;

    /// <summary>Begins a file in <paramref name="directory"/>, which is created.</summary>
    /// <param name="directory">The run's folder, or one inside it.</param>
    /// <param name="clock">Where wall times come from.</param>
    /// <param name="resumedAfter">The step of the checkpoint that the run goes on from; null for a new run.</param>
    public static TensorBoardEvents Create(string directory, TimeProvider clock, long? resumedAfter = null)
    {
        Directory.CreateDirectory(directory);
        var events = new TensorBoardEvents(CreateFile(directory, clock.GetUtcNow().ToUnixTimeSeconds()), clock);
        events.WriteEvent(0, output => WriteString(output, EventFileVersion, "brain.Event:2"));
        if (resumedAfter is { } step)
            events.WriteEvent(step + 1, output => WriteMessage(output, EventSessionLog, log =>
            {
                log.WriteTag(SessionStatus, WireFormat.WireType.Varint);
                log.WriteEnum(SessionStart);
            }));
        events.Flush();
        return events;
    }

    /// <summary>
    /// Writes scalars of one step; a name's part before '/' groups charts. TensorBoard keeps NaN and infinity as they are.
    /// </summary>
    public void Write(long step, IEnumerable<KeyValuePair<string, double>> scalars) =>
        WriteEvent(step, output => WriteMessage(output, EventSummary, summary =>
        {
            foreach (var (tag, value) in scalars)
                WriteMessage(summary, SummaryValue, scalar =>
                {
                    WriteString(scalar, ValueTag, tag);
                    scalar.WriteTag(ValueSimpleValue, WireFormat.WireType.Fixed32);
                    scalar.WriteFloat((float)value);
                });
        }));

    /// <summary>Writes a line of the run's log, its names under its kind: <c>train/loss</c>.</summary>
    public void Write(MetricsEntry entry) =>
        Write(entry.Step, entry.Values.Select(value => KeyValuePair.Create($"{entry.Kind}/{value.Key}", value.Value)));

    /// <summary>Hands what was written to the system, so that a running TensorBoard sees it.</summary>
    public void Flush() => _file.Flush();

    /// <summary>Flushes and closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>TensorBoard reads the files of a folder in the order of their names: a later start must have a later second.</summary>
    static FileStream CreateFile(string directory, long second)
    {
        while (Directory.EnumerateFiles(directory, $"events.out.tfevents.{second:D10}.*").Any()) second++;
        var path = System.IO.Path.Combine(directory, $"events.out.tfevents.{second:D10}.{Environment.MachineName}");
        return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);
    }

    void WriteEvent(long step, Action<CodedOutputStream> writeContent)
    {
        var message = Serialize(output =>
        {
            output.WriteTag(EventWallTime, WireFormat.WireType.Fixed64);
            output.WriteDouble(_clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
            if (step != 0)
            {
                output.WriteTag(EventStep, WireFormat.WireType.Varint);
                output.WriteInt64(step);
            }
            writeContent(output);
        });

        Span<byte> header = stackalloc byte[12], footer = stackalloc byte[4];
        BinaryPrimitives.WriteInt64LittleEndian(header, message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], MaskedChecksum(header[..8]));
        BinaryPrimitives.WriteUInt32LittleEndian(footer, MaskedChecksum(message));
        _file.Write(header);
        _file.Write(message);
        _file.Write(footer);
    }

    static void WriteString(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }

    static void WriteMessage(CodedOutputStream output, int field, Action<CodedOutputStream> writeFields)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(Serialize(writeFields)));
    }

    static byte[] Serialize(Action<CodedOutputStream> writeFields)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true)) writeFields(output);
        return buffer.ToArray();
    }

    /// <summary>CRC-32C, rotated and shifted as TFRecord does, since a checksum of data that holds checksums is weak.</summary>
    static uint MaskedChecksum(ReadOnlySpan<byte> bytes)
    {
        var checksum = uint.MaxValue;
        foreach (var value in bytes) checksum = BitOperations.Crc32C(checksum, value);
        return BitOperations.RotateRight(~checksum, 15) + ChecksumMask;
    }
}
