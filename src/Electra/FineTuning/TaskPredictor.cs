using Electra.FineTuning.Tasks;

namespace Electra.FineTuning;

/// <summary>
/// Predicts a stream of examples in its order. Examples are read in windows, inside which rows of like length go through the network together;
/// the next window is read and encoded meanwhile.
/// </summary>
public sealed class TaskPredictor(TaskModel model)
{
    /// <summary>The first window is small, so that the first answers come soon; later ones are large, so that rows of a batch are alike.</summary>
    const int FirstWindow = 32, LargestWindow = 1024;

    readonly RowScorer _scorer = new(model.Network, model.Objective);
    readonly TaskEncoder _encoder = new(model.Task, model.Labels, model.Tokenizer, model.Settings.MaxLength);

    /// <summary>Each example with what the model says of it, window by window.</summary>
    /// <param name="examples">Read on another thread, one after the other.</param>
    /// <param name="cancellation">Asked between batches.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IEnumerable<IReadOnlyList<(TaskExample Example, TaskPrediction Prediction)>> Predict(IEnumerable<TaskExample> examples, CancellationToken cancellation = default)
    {
        using var source = examples.GetEnumerator();
        var size = FirstWindow;
        var next = Task.Run(() => Read(source, size), CancellationToken.None);
        try
        {
            while (true)
            {
                var (window, rows) = next.GetAwaiter().GetResult();
                if (window.Count == 0) yield break;
                size = Math.Min(size * 2, LargestWindow);
                next = Task.Run(() => Read(source, size), CancellationToken.None);
                var scores = _scorer.Score(rows, cancellation);
                var predictions = TaskDecoder.Decode(model.Task, model.Labels, window, rows, scores);
                yield return [.. window.Zip(predictions)];
            }
        }
        finally
        {
            // The source is not to be closed while it is being read.
            Task.WhenAny(next).GetAwaiter().GetResult();
        }
    }

    (List<TaskExample> Examples, IReadOnlyList<EncodedExample> Rows) Read(IEnumerator<TaskExample> source, int size)
    {
        var window = new List<TaskExample>();
        while (window.Count < size && source.MoveNext()) window.Add(source.Current);
        return (window, _encoder.EncodeAll(window, workers: 1));
    }
}
