using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Files;

namespace Electra.Corpus;

/// <summary>What a dataset is, as its <c>manifest.json</c> says; it is written last, so a directory with one is complete.</summary>
/// <param name="Format">Always <c>electra-dataset</c>.</param>
/// <param name="Version">Of the format.</param>
/// <param name="TokenizerIdentity">Hash of the vocabulary and of all settings that change ids.</param>
/// <param name="VocabularySize">Number of tokens the ids may name.</param>
/// <param name="TokenBytes">Bytes of an id: 2 or 4.</param>
/// <param name="Sentences">Where sentences end.</param>
/// <param name="Seed">Of the choice of held-out documents.</param>
/// <param name="ValidationFraction">Share of documents asked to be held out; null if a validation corpus was given.</param>
/// <param name="HeldOutBelow">Documents with a smaller hash are held out, 16 hexadecimal digits; null if a validation corpus was given.</param>
/// <param name="Training">Documents to learn from.</param>
/// <param name="Validation">Documents to measure on.</param>
/// <param name="Reading">What was met while reading.</param>
/// <param name="Sources">Names and sizes of the input files, in the order they were read.</param>
/// <param name="ValidationSources">The same of the validation corpus; empty if none was given.</param>
/// <param name="Tokenizer">Files of the tokenizer's copy.</param>
public sealed record DatasetManifest(
    string Format,
    int Version,
    string TokenizerIdentity,
    int VocabularySize,
    int TokenBytes,
    SentenceBoundaries Sentences,
    ulong Seed,
    double? ValidationFraction,
    string? HeldOutBelow,
    SplitManifest Training,
    SplitManifest Validation,
    ReadingReport Reading,
    IReadOnlyList<SourceFile> Sources,
    IReadOnlyList<SourceFile> ValidationSources,
    IReadOnlyList<FileChecksum> Tokenizer)
{
    /// <summary>Reads the manifest of a dataset.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, of another kind or of a newer version.</exception>
    internal static DatasetManifest Read(string path)
    {
        DatasetManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), DatasetManifestJson.Default.DatasetManifest)
                ?? throw new InvalidDataException($"{path}: empty.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: not the manifest of a dataset: {JsonFault.Of(exception)}.", exception);
        }
        if (manifest.Format != DatasetFormat.Name) throw new InvalidDataException($"{path}: format '{manifest.Format}', expected '{DatasetFormat.Name}'.");
        if (manifest.Version != DatasetFormat.Version)
            throw new InvalidDataException($"{path}: format version {manifest.Version}, this program reads {DatasetFormat.Version}. Build the dataset again.");
        if (manifest.TokenBytes is not (2 or 4)) throw new InvalidDataException($"{path}: token_bytes is {manifest.TokenBytes}, it must be 2 or 4.");
        return manifest;
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, DatasetManifestJson.Default.DatasetManifest);
}

/// <summary>Counts and files of one part of a dataset.</summary>
/// <param name="Documents">Number of documents.</param>
/// <param name="Sentences">Number of sentences.</param>
/// <param name="Tokens">Number of tokens, without special ones.</param>
/// <param name="UnknownTokens">Tokens among them that are the unknown one.</param>
/// <param name="Blocks">Number of blocks.</param>
/// <param name="Files">Tokens, sentences and blocks.</param>
public sealed record SplitManifest(long Documents, long Sentences, long Tokens, long UnknownTokens, long Blocks, IReadOnlyList<FileChecksum> Files);

/// <summary>A file and what it must hold.</summary>
/// <param name="Name">Relative to its folder.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Checksum">XXH128 of its bytes, 32 hexadecimal digits.</param>
public sealed record FileChecksum(string Name, long Bytes, string Checksum);

/// <summary>An input file.</summary>
/// <param name="Name">Relative to the folder or glob that found it.</param>
/// <param name="Bytes">Length as it lay on disk.</param>
public sealed record SourceFile(string Name, long Bytes);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(DatasetManifest))]
sealed partial class DatasetManifestJson : JsonSerializerContext;
