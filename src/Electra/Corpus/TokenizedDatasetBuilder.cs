using System.Collections.Concurrent;
using Electra.Files;
using Electra.Tokenization;

namespace Electra.Corpus;

/// <summary>Makes a <see cref="TokenizedDataset"/> of text: on all cores, in flat memory, the same bytes for any number of workers.</summary>
/// <param name="tokenizer">Its files are stored with the dataset.</param>
/// <param name="options">What to hold out, where sentences end, how many workers.</param>
public sealed class TokenizedDatasetBuilder(ITokenizer tokenizer, DatasetOptions options)
{
    const double LargestFraction = 0.5;

    readonly int _numWorkers = options.NumWorkers > 0 ? options.NumWorkers : Environment.ProcessorCount;
    readonly ConcurrentBag<TokenizedBatch> _spareBatches = [];

    /// <summary>Builds the dataset beside its place and moves it there when it is complete.</summary>
    /// <param name="inputs">Files, folders, globs.</param>
    /// <param name="directory">Where the dataset will be; must not exist.</param>
    /// <param name="progress">Told about every batch, or null.</param>
    /// <param name="cancellation">Stops the build; nothing is left behind.</param>
    /// <exception cref="ArgumentException">The output exists, or an option lies outside its limits.</exception>
    /// <exception cref="InvalidDataException">A file cannot be read as text, or the corpus is empty or one document.</exception>
    /// <exception cref="IOException">The disk is full or cannot be written; nothing is left behind.</exception>
    public DatasetManifest Build(IEnumerable<string> inputs, string directory, IProgress<BuildProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (options.ValidationFraction is not (>= 0 and <= LargestFraction))
            throw new ArgumentException($"The validation fraction is {options.ValidationFraction}; it must lie between 0 and {LargestFraction}.");
        if (options.NumWorkers < 0) throw new ArgumentException($"The number of workers is {options.NumWorkers}; it must be positive, or 0 for one per core.");
        if (Path.Exists(directory)) throw new ArgumentException($"{directory}: exists already; remove it or choose another place for the dataset.");
        var training = InputFiles.Find(inputs);
        var validation = options.ValidationInputs is { } paths ? InputFiles.Find(paths) : null;

        using var output = new UnfinishedDirectory(directory);
        var built = validation is null
            ? BuildWithHeldOut(output.Path, training, progress, cancellation)
            : BuildWithGiven(output.Path, training, validation, progress, cancellation);
        built.Reading.SkippedFiles += training.NumSkipped + (validation?.NumSkipped ?? 0);

        var copy = Path.Combine(output.Path, DatasetFormat.Tokenizer);
        tokenizer.Save(copy);
        var manifest = new DatasetManifest(
            DatasetFormat.Name, DatasetFormat.Version, tokenizer.Identity, tokenizer.Vocabulary.Count, DatasetFormat.TokenBytes(tokenizer.Vocabulary.Count),
            options.Sentences, options.Seed, validation is null ? options.ValidationFraction : null, built.Cutoff?.ToString("x16"),
            built.Training, built.Validation, built.Reading, SourcesOf(training), SourcesOf(validation),
            [.. Directory.EnumerateFiles(copy).Order(StringComparer.Ordinal).Select(file => ChecksummedFile.Of(file, Path.GetFileName(file)))]);
        AtomicFile.Write(Path.Combine(output.Path, DatasetFormat.Manifest), file => file.Write(manifest.ToJson()));
        cancellation.ThrowIfCancellationRequested();
        output.Finish();
        return manifest;
    }

    /// <summary>
    /// Writes with the documents under the fraction held out. Whether these are enough is known at the end only;
    /// a small corpus, where they are not, is read a second time.
    /// </summary>
    Built BuildWithHeldOut(string directory, InputFiles input, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        var selection = new HeldOutSelection(options.ValidationFraction);
        var built = Write(selection.Fraction, selection);
        var cutoff = selection.FindCutoff();
        if (cutoff == selection.Fraction) return built;

        Directory.Delete(Path.Combine(directory, DatasetFormat.Training), recursive: true);
        Directory.Delete(Path.Combine(directory, DatasetFormat.Validation), recursive: true);
        return Write(cutoff, selection: null);

        Built Write(ulong cutoff, HeldOutSelection? selection)
        {
            var report = new ReadingReport();
            using var training = NewWriter(directory, DatasetFormat.Training);
            using var validation = NewWriter(directory, DatasetFormat.Validation);
            WriteAll(input, report, hash => hash < cutoff ? validation : training, selection, progress, cancellation);
            return new Built(cutoff, training.Finish(), validation.Finish(), report);
        }
    }

    Built BuildWithGiven(string directory, InputFiles trainingInput, InputFiles validationInput, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        var report = new ReadingReport();
        using var training = NewWriter(directory, DatasetFormat.Training);
        using var validation = NewWriter(directory, DatasetFormat.Validation);
        WriteAll(trainingInput, report, _ => training, selection: null, progress, cancellation);
        WriteAll(validationInput, report, _ => validation, selection: null, progress, cancellation);
        return new Built(null, training.Finish(), validation.Finish(), report);
    }

    void WriteAll(InputFiles input, ReadingReport report, Func<ulong, SplitWriter> splitOf, HeldOutSelection? selection, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        var (inputBytes, totalBytes) = (0L, input.Files.Sum(file => file.Bytes));
        var (numDocuments, numTokens) = (0L, 0L);
        var (split, hash, tokensOfDocument) = (splitOf(0), 0UL, 0L);
        foreach (var batch in TokenizeAll(input.Files, cancellation))
        {
            foreach (var part in batch.Documents)
            {
                if (part.IsStart) (split, hash, tokensOfDocument) = (splitOf(part.Hash), part.Hash, 0);
                split.Append(batch, part);
                tokensOfDocument += part.NumTokens;
                numTokens += part.NumTokens;
                if (!part.IsEnd) continue;

                if (tokensOfDocument == 0)
                {
                    report.EmptyDocuments++;
                    continue;
                }
                numDocuments++;
                selection?.Add(hash, tokensOfDocument);
            }
            inputBytes += batch.InputBytes;
            report.Add(batch.Report);
            _spareBatches.Add(batch);
            progress?.Report(new BuildProgress(inputBytes, totalBytes, numDocuments, numTokens));
        }
        if (numTokens == 0)
            throw new InvalidDataException($"There is no text in {(input.Files is [var file] ? file.Path : $"{input.Files.Count:N0} files, {input.Files[0].Path} the first")}: the corpus is empty.");
    }

    /// <summary>Tokenises batches side by side and returns them in order, a few ahead of the writer.</summary>
    IEnumerable<TokenizedBatch> TokenizeAll(IReadOnlyList<InputFile> files, CancellationToken cancellation)
    {
        var workers = new TaskFactory(new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, _numWorkers).ConcurrentScheduler);
        var running = new Queue<Task<TokenizedBatch>>();
        foreach (var text in TextBatchReader.Read(files, _numWorkers, cancellation))
        {
            running.Enqueue(workers.StartNew(() => Tokenize(text)));
            if (running.Count > 2 * _numWorkers) yield return running.Dequeue().GetAwaiter().GetResult();
        }
        while (running.TryDequeue(out var batch)) yield return batch.GetAwaiter().GetResult();
    }

    TokenizedBatch Tokenize(TextBatch text)
    {
        if (!_spareBatches.TryTake(out var batch)) batch = new TokenizedBatch();
        batch.Fill(text, tokenizer, options.Sentences, options.Seed);
        return batch;
    }

    SplitWriter NewWriter(string directory, string split) => new(Path.Combine(directory, split), DatasetFormat.TokenBytes(tokenizer.Vocabulary.Count));

    static SourceFile[] SourcesOf(InputFiles? input) => [.. (input?.Files ?? []).Select(file => new SourceFile(file.Name, file.Bytes))];

    sealed record Built(ulong? Cutoff, SplitManifest Training, SplitManifest Validation, ReadingReport Reading);
}
