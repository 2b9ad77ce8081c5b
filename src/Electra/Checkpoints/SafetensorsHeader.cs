using System.Text.Json;
using Electra.Files;

namespace Electra.Checkpoints;

/// <summary>The header of a safetensors file: names, formats, shapes and places, everything checked before anything is read by it.</summary>
/// <param name="Entries">In the order of their data.</param>
/// <param name="Metadata">The free text under <c>__metadata__</c>.</param>
sealed record SafetensorsHeader(IReadOnlyList<SafetensorsHeader.Entry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The length of the header, which the file begins with, in bytes.</summary>
    public const int PrefixBytes = 8;

    /// <summary>200,000 tensors; the largest models have a hundredth of that.</summary>
    public const long MaxHeaderBytes = 16 << 20;

    public const string MetadataName = "__metadata__";

    /// <param name="Tensor">Name, format and shape.</param>
    /// <param name="Begin">First byte, counted from the end of the header.</param>
    /// <param name="End">One past the last byte.</param>
    public sealed record Entry(StoredTensor Tensor, long Begin, long End);

    /// <param name="path">For errors.</param>
    /// <param name="json">The header's text.</param>
    /// <param name="dataBytes">Bytes after the header.</param>
    /// <exception cref="InvalidDataException">Anything is wrong.</exception>
    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json, long dataBytes)
    {
        var entries = new List<Entry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        try
        {
            if (json.Length == 0 || json[0] != (byte)'{') throw Bad(path, "does not begin with '{'");
            var reader = new Utf8JsonReader(json);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                if (!names.Add(name)) throw Bad(path, $"names '{Shown(name)}' twice");
                if (name == MetadataName) ReadMetadata(path, ref reader, metadata);
                else entries.Add(ReadEntry(path, name, ref reader));
            }
            if (reader.Read()) throw Bad(path, "goes on after its closing brace");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}: the safetensors header is not valid JSON: {Shown(JsonFault.Of(exception))}. Damaged?", exception);
        }
        CheckPlaces(path, entries, dataBytes);
        return new SafetensorsHeader(entries, metadata);
    }

    static void ReadMetadata(string path, ref Utf8JsonReader reader, SortedDictionary<string, string> metadata)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw Bad(path, $"has a {MetadataName} that is no object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) throw Bad(path, $"has metadata '{Shown(name)}' that is no text");
            if (!metadata.TryAdd(name, reader.GetString()!)) throw Bad(path, $"names metadata '{Shown(name)}' twice");
        }
    }

    static Entry ReadEntry(string path, string name, ref Utf8JsonReader reader)
    {
        TensorFormat? format = null;
        List<long>? shape = null, offsets = null;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw Bad(path, $"describes '{Shown(name)}' by something that is no object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype" when format is null && reader.TokenType == JsonTokenType.String:
                    var dtype = reader.GetString()!;
                    format = TensorFormats.FromSafetensors(dtype) ?? throw Bad(path,
                        $"gives '{Shown(name)}' the dtype '{Shown(dtype)}', known are {string.Join(", ", TensorFormats.SafetensorsNames)}");
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(path, name, ref reader, TensorShape.MaxRank);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(path, name, ref reader, 2);
                    break;
                default:
                    throw Bad(path, $"gives '{Shown(name)}' an unknown, repeated or ill-typed '{Shown(key)}'");
            }
        }
        if (format is not { } known || shape is null || offsets is not [var begin, var end])
            throw Bad(path, $"must give '{Shown(name)}' a dtype, a shape and two data_offsets");
        if (!TensorShape.TryCount([.. shape], out var count)) throw Bad(path, $"gives '{Shown(name)}' the impossible shape [{string.Join(", ", shape)}]");
        var size = count * TensorFormats.SizeOf(known);
        if (end - begin != size)
            throw Bad(path, $"gives '{Shown(name)}' {end - begin:N0} bytes, its shape [{string.Join(", ", shape)}] in {TensorFormats.SafetensorsName(known)} takes {size:N0}");
        return new Entry(new StoredTensor(name, known, shape), begin, end);
    }

    static List<long> ReadNumbers(string path, string name, ref Utf8JsonReader reader, int maxCount)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw Bad(path, $"gives '{Shown(name)}' a shape or data_offsets that is no list");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw Bad(path, $"gives '{Shown(name)}' a shape or data_offsets that is not of whole numbers from 0");
            if (numbers.Count == maxCount) throw Bad(path, $"gives '{Shown(name)}' a shape or data_offsets of more than {maxCount} numbers");
            numbers.Add(number);
        }
        return numbers;
    }

    /// <summary>Tensors must cover the data from its first byte to its last, without overlaps and holes.</summary>
    static void CheckPlaces(string path, List<Entry> entries, long dataBytes)
    {
        entries.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin)
            : a.End != b.End ? a.End.CompareTo(b.End)
            : string.CompareOrdinal(a.Tensor.Name, b.Tensor.Name));
        long position = 0;
        foreach (var entry in entries)
        {
            if (entry.End > dataBytes)
                throw Bad(path, $"lets '{Shown(entry.Tensor.Name)}' end at byte {entry.End:N0} of the data, the file holds {dataBytes:N0} (cut off?)");
            if (entry.Begin < position) throw Bad(path, $"lets '{Shown(entry.Tensor.Name)}' overlap another tensor at byte {entry.Begin:N0} of the data");
            if (entry.Begin > position) throw Bad(path, $"leaves {entry.Begin - position:N0} bytes unnamed before '{Shown(entry.Tensor.Name)}'");
            position = entry.End;
        }
        if (position != dataBytes) throw Bad(path, $"leaves {dataBytes - position:N0} bytes unnamed at the end");
    }

    /// <summary>A name from a file, short enough for one line of an error.</summary>
    internal static string Shown(string name) => name.Length <= 100 ? name : $"{name[..100]}...";

    static InvalidDataException Bad(string path, string what) => new($"{path}: the safetensors header {what}.");
}
