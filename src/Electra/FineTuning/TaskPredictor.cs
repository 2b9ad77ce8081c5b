using Electra.FineTuning.Tasks;

namespace Electra.FineTuning;

/// <summary>
/// Predicts a stream of rows in its order. Rows are read in windows, inside which rows of like length go through the network together;
/// the next window is read and encoded meanwhile.
/// </summary>
public sealed class TaskPredictor(TaskModel model)
{
    /// <summary>The first window is small, so that the first answers come soon; later ones are large, so that rows of a batch are alike.</summary>
    const int FirstWindow = 32, LargestWindow = 1024;

    readonly RowScorer _scorer = new(model.Network, model.Objective);
    readonly TaskEncoder _encoder = new(model.Task, model.Labels, model.Tokenizer, model.Settings.MaxLength);

    /// <summary>Each row with what the model says of it, window by window; null of a row that is no example.</summary>
    /// <param name="rows">Read on another thread, one after the other.</param>
    /// <param name="cancellation">Asked between batches.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IEnumerable<IReadOnlyList<(InputRow Row, TaskPrediction? Prediction)>> Predict(IEnumerable<InputRow> rows, CancellationToken cancellation = default)
    {
        using var source = rows.GetEnumerator();
        var size = FirstWindow;
        var next = Task.Run(() => Read(source, size), CancellationToken.None);
        try
        {
            while (true)
            {
                var (window, examples, encoded) = next.GetAwaiter().GetResult();
                if (window.Count == 0) yield break;
                size = Math.Min(size * 2, LargestWindow);
                next = Task.Run(() => Read(source, size), CancellationToken.None);
                var scores = _scorer.Score(encoded, cancellation);
                var predictions = TaskDecoder.Decode(model.Task, model.Labels, examples, encoded, scores);
                var number = 0;
                yield return [.. window.Select(row => (row, row.Example is null ? null : predictions[number++]))];
            }
        }
        finally
        {
            // The source is not to be closed while it is being read.
            Task.WhenAny(next).GetAwaiter().GetResult();
        }
    }

    (List<InputRow> Rows, List<TaskExample> Examples, IReadOnlyList<EncodedExample> Encoded) Read(IEnumerator<InputRow> source, int size)
    {
        var window = new List<InputRow>();
        while (window.Count < size && source.MoveNext()) window.Add(source.Current);
        List<TaskExample> examples = [.. window.Select(row => row.Example).OfType<TaskExample>()];
        return (window, examples, _encoder.EncodeAll(examples, workers: 1));
    }
}
