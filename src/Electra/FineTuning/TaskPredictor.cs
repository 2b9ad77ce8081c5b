using System.Collections.Concurrent;
using Electra.FineTuning.Tasks;

namespace Electra.FineTuning;

/// <summary>
/// Predicts a stream of rows in its order. Rows are read and encoded on another thread, and taken in windows, inside which rows of like length
/// go through the network together. What ends the reading is thrown after the predictions of all rows before it.
/// </summary>
public sealed class TaskPredictor(TaskModel model)
{
    /// <summary>The first window is small, so that the first answers come soon; later ones are large, so that rows of a batch are alike.</summary>
    const int FirstWindow = 32, LargestWindow = 1024;

    readonly RowScorer _scorer = new(model.Network, model.Objective, model.Location ?? "the model");
    readonly TaskEncoder _encoder = new(model.Task, model.Labels, model.Tokenizer, model.Settings.MaxLength);

    /// <summary>Each row with what the model says of it, window by window; null of a row that is no example.</summary>
    /// <param name="rows">Read on another thread, one after the other.</param>
    /// <param name="isLive">True of rows that are written while they are read: a window is what is there, and only its first row is waited for.
    /// Else windows are full, so that the same file always has the same ones.</param>
    /// <param name="cancellation">Asked between batches, and while rows are waited for.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IEnumerable<IReadOnlyList<(InputRow Row, TaskPrediction? Prediction)>> Predict(IEnumerable<InputRow> rows, bool isLive = false, CancellationToken cancellation = default)
    {
        var queue = new BlockingCollection<(InputRow Row, IReadOnlyList<EncodedExample> Encoded)>(LargestWindow);
        using var stop = new CancellationTokenSource();
        var stopped = stop.Token;
        var reading = Task.Run(() => Read(rows, queue, stopped), CancellationToken.None);
        try
        {
            for (var size = FirstWindow; Take(queue, size, isLive, cancellation) is { Count: > 0 } window; size = Math.Min(size * 2, LargestWindow))
                yield return Predict(window, cancellation);
            reading.GetAwaiter().GetResult();
        }
        finally
        {
            // Who reads from a pipe may be waiting there for ever: he is told, and not waited for.
            stop.Cancel();
        }
    }

    void Read(IEnumerable<InputRow> rows, BlockingCollection<(InputRow, IReadOnlyList<EncodedExample>)> queue, CancellationToken stopped)
    {
        try
        {
            foreach (var row in rows) queue.Add((row, row.Example is null ? [] : _encoder.Encode(row.Example, 0)), stopped);
        }
        finally
        {
            queue.CompleteAdding();
        }
    }

    /// <summary>The next rows; none at the end.</summary>
    static List<(InputRow Row, IReadOnlyList<EncodedExample> Encoded)> Take(
        BlockingCollection<(InputRow Row, IReadOnlyList<EncodedExample> Encoded)> queue, int size, bool isLive, CancellationToken cancellation)
    {
        var window = new List<(InputRow, IReadOnlyList<EncodedExample>)>();
        while (window.Count < size && queue.TryTake(out var row, isLive && window.Count > 0 ? 0 : Timeout.Infinite, cancellation)) window.Add(row);
        return window;
    }

    List<(InputRow Row, TaskPrediction? Prediction)> Predict(List<(InputRow Row, IReadOnlyList<EncodedExample> Encoded)> window, CancellationToken cancellation)
    {
        var examples = new List<TaskExample>();
        var encoded = new List<EncodedExample>();
        foreach (var (row, rows) in window)
        {
            if (row.Example is null) continue;
            encoded.AddRange(rows.Select(each => each with { Example = examples.Count }));
            examples.Add(row.Example);
        }
        var predictions = TaskDecoder.Decode(model.Task, model.Labels, examples, encoded, _scorer.Score(encoded, cancellation));
        var number = 0;
        return [.. window.Select(each => (each.Row, each.Row.Example is null ? null : predictions[number++]))];
    }
}
