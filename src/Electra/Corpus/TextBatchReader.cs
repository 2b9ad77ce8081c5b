using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Electra.Corpus;

/// <summary>Reads files into batches, several files at the same time, and hands the batches out in the order of the files.</summary>
static class TextBatchReader
{
    /// <summary>Decompression is the slowest part of reading; more threads than this outrun any tokenizer beside them.</summary>
    const int MaxThreads = 8;

    /// <summary>Small files are read together, by one thread, into the same batches.</summary>
    const long GroupBytes = 4 << 20;
    const int MaxBatchesAhead = 32;

    /// <summary>All text of the files. The batches do not depend on the number of threads.</summary>
    public static IEnumerable<TextBatch> Read(IReadOnlyList<InputFile> files, int numThreads, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var groups = Group(files).GetEnumerator();
        var readers = new Queue<GroupReader>();
        try
        {
            while (true)
            {
                while (readers.Count < Math.Clamp(numThreads, 1, MaxThreads) && groups.MoveNext()) readers.Enqueue(new GroupReader(groups.Current, stop.Token));
                if (readers.Count == 0) yield break;
                foreach (var batch in readers.Peek().Batches()) yield return batch;
                readers.Dequeue().Dispose();
            }
        }
        finally
        {
            // Left early, by an error or a stop: the readers wait for room that nobody will make.
            stop.Cancel();
            foreach (var reader in readers) reader.Dispose();
        }
    }

    static IEnumerable<List<InputFile>> Group(IReadOnlyList<InputFile> files)
    {
        var group = new List<InputFile>();
        foreach (var file in files)
        {
            group.Add(file);
            if (group.Sum(member => member.Bytes) < GroupBytes) continue;
            yield return group;
            group = [];
        }
        if (group.Count > 0) yield return group;
    }

    /// <summary>A thread that reads a group of files into a short queue.</summary>
    sealed class GroupReader : IDisposable
    {
        readonly BlockingCollection<TextBatch> _queue = new(MaxBatchesAhead);
        readonly CancellationToken _stop;
        readonly Thread _thread;
        ExceptionDispatchInfo? _error;

        public GroupReader(IReadOnlyList<InputFile> files, CancellationToken stop)
        {
            _stop = stop;
            _thread = new Thread(() => Run(files)) { IsBackground = true, Name = "text reader" };
            _thread.Start();
        }

        public IEnumerable<TextBatch> Batches()
        {
            foreach (var batch in _queue.GetConsumingEnumerable(_stop)) yield return batch;
            _error?.Throw();
        }

        public void Dispose()
        {
            _thread.Join();
            foreach (var batch in _queue) batch.Dispose();
            _queue.Dispose();
        }

        void Run(IReadOnlyList<InputFile> files)
        {
            try
            {
                foreach (var batch in ReadBatches(files)) _queue.Add(batch, _stop);
            }
            catch (Exception exception)
            {
                _error = ExceptionDispatchInfo.Capture(exception);
            }
            finally
            {
                _queue.CompleteAdding();
            }
        }

        static IEnumerable<TextBatch> ReadBatches(IReadOnlyList<InputFile> files)
        {
            var batch = new TextBatch();
            var report = new ReadingReport();
            foreach (var file in files)
            {
                long position = 0;
                using var reader = new DocumentReader(file, report);
                foreach (var piece in reader.ReadPieces())
                {
                    if (batch.IsFullBefore(piece))
                    {
                        batch.IsContinued = !piece.StartsDocument;
                        batch.InputBytes += reader.Position - position;
                        position = reader.Position;
                        yield return batch;
                        batch = new TextBatch();
                    }
                    batch.Add(piece);
                }
                batch.InputBytes += file.Bytes - position;
            }
            batch.Report = report;
            yield return batch;
        }
    }
}
