using System.IO.Hashing;
using System.Text;

namespace Electra.Corpus;

/// <summary>
/// Tokenised documents with sentence boundaries on disk, in a training and a validation part, with a copy of the tokenizer.
/// It fixes neither a sequence length nor a method: <see cref="ExampleSequence"/> cuts it. Safe for use by many threads.
/// </summary>
public sealed class TokenizedDataset : IDisposable
{
    readonly string _directory;

    TokenizedDataset(string directory, DatasetManifest manifest, DatasetSplit training, DatasetSplit validation)
    {
        (_directory, Manifest, Training, Validation) = (directory, manifest, training, validation);
        Identity = IdentityOf(manifest);
    }

    /// <summary>Counts, checksums, origin.</summary>
    public DatasetManifest Manifest { get; }

    /// <summary>Documents to learn from.</summary>
    public DatasetSplit Training { get; }

    /// <summary>Documents to measure on.</summary>
    public DatasetSplit Validation { get; }

    /// <summary>A hash of all tokens, boundaries and the tokenizer's identity: equal datasets give equal examples.</summary>
    public string Identity { get; }

    /// <summary>The folder of the tokenizer's copy.</summary>
    public string TokenizerDirectory => Path.Combine(_directory, DatasetFormat.Tokenizer);

    /// <summary>Opens a dataset. Lengths of files are compared with the manifest, contents are not: see <see cref="Verify"/>.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The folder is no dataset, or a file is missing, truncated or damaged.</exception>
    public static TokenizedDataset Open(string directory)
    {
        if (!Directory.Exists(directory)) throw new DirectoryNotFoundException($"{directory}: there is no such folder.");
        var path = Path.Combine(directory, DatasetFormat.Manifest);
        if (!File.Exists(path)) throw new InvalidDataException($"{directory}: not a dataset, or one whose building was stopped: it has no {DatasetFormat.Manifest}.");
        var manifest = DatasetManifest.Read(path);
        var training = DatasetSplit.Open(Path.Combine(directory, DatasetFormat.Training), manifest.Training, manifest.TokenBytes);
        try
        {
            return new TokenizedDataset(directory, manifest, training, DatasetSplit.Open(Path.Combine(directory, DatasetFormat.Validation), manifest.Validation, manifest.TokenBytes));
        }
        catch
        {
            training.Dispose();
            throw;
        }
    }

    /// <summary>Reads every file and compares it with its checksum.</summary>
    /// <returns>Names of the files that differ, relative to the dataset.</returns>
    public IReadOnlyList<string> Verify()
    {
        var folders = new[] { (DatasetFormat.Training, Manifest.Training.Files), (DatasetFormat.Validation, Manifest.Validation.Files), (DatasetFormat.Tokenizer, Manifest.Tokenizer) };
        return [.. from folder in folders from file in folder.Item2
            let name = $"{folder.Item1}/{file.Name}"
            where !File.Exists(Path.Combine(_directory, name)) || ChecksummedFile.Of(Path.Combine(_directory, name), file.Name) != file
            select name];
    }

    static string IdentityOf(DatasetManifest manifest)
    {
        var parts = manifest.Training.Files.Concat(manifest.Validation.Files).Select(file => file.Checksum).Append(manifest.TokenizerIdentity);
        return Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(string.Join('\n', parts))));
    }

    public void Dispose()
    {
        Training.Dispose();
        Validation.Dispose();
    }
}
