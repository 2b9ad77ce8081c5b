namespace Electra.FineTuning.Tasks;

/// <summary>What the model says of rows, back to predictions of examples: windows merge, first pieces become words, spans become answers.</summary>
public static class TaskDecoder
{
    /// <summary>One prediction an example, in the examples' order.</summary>
    /// <param name="task">Its kind, range and windows.</param>
    /// <param name="labels">Of <see cref="TaskReader.Labels"/>.</param>
    /// <param name="examples">The examples that were encoded.</param>
    /// <param name="rows">Their rows, in any order.</param>
    /// <param name="scores">What the model says of each row, in the rows' order.</param>
    /// <exception cref="ArgumentException">Rows and scores differ in number, or an example has no row.</exception>
    public static IReadOnlyList<TaskPrediction> Decode(
        TaskDefinition task, IReadOnlyList<string> labels, IReadOnlyList<TaskExample> examples,
        IReadOnlyList<EncodedExample> rows, IReadOnlyList<WindowScores> scores)
    {
        if (rows.Count != scores.Count) throw new ArgumentException($"{rows.Count:N0} rows, but scores of {scores.Count:N0}.");
        var windows = new List<(EncodedExample Row, WindowScores Scores)>[examples.Count];
        for (var i = 0; i < rows.Count; i++) (windows[rows[i].Example] ??= []).Add((rows[i], scores[i]));

        var predictions = new TaskPrediction[examples.Count];
        for (var i = 0; i < examples.Count; i++)
        {
            if (windows[i] is null) throw new ArgumentException($"The example '{examples[i].Id}' has no row.");
            windows[i].Sort((left, right) => left.Row.Window.CompareTo(right.Row.Window));
            predictions[i] = Decode(task, labels, examples[i], windows[i]) with { IsTruncated = windows[i].Any(window => window.Row.Text.IsTruncated) };
        }
        return predictions;
    }

    static TaskPrediction Decode(
        TaskDefinition task, IReadOnlyList<string> labels, TaskExample example, List<(EncodedExample Row, WindowScores Scores)> windows)
    {
        switch (example)
        {
            case TaggedExample tagged: return TagDecoder.Decode(tagged, labels, (task.Tagging ?? new TaskTagging()).Scheme, windows);
            case QuestionExample question: return AnswerDecoder.Decode(question, task.Windows ?? new TaskWindows(), windows);
        }
        var logits = Merge(windows, task.Windows?.Combine ?? WindowMerge.Mean);
        if (task.Kind == TaskKind.Regression) return new ValuePrediction(example.Id, task.LabelRange?.FromUnit(logits[0]) ?? logits[0]);
        if (task.Kind == TaskKind.MultiLabel) return new LabelSetPrediction(example.Id, [.. logits.Select(logit => 1 / (1 + Math.Exp(-logit)))]);
        var probabilities = Softmax(logits);
        return new ClassPrediction(example.Id, Array.IndexOf(probabilities, probabilities.Max()), probabilities);
    }

    static double[] Merge(List<(EncodedExample Row, WindowScores Scores)> windows, WindowMerge merge)
    {
        var merged = windows[0].Scores.Logits.Select(logit => (double)logit).ToArray();
        foreach (var (_, scores) in windows.Skip(1))
            for (var i = 0; i < merged.Length; i++)
                merged[i] = merge == WindowMerge.Max ? Math.Max(merged[i], scores.Logits[i]) : merged[i] + scores.Logits[i];
        if (merge == WindowMerge.Mean)
            for (var i = 0; i < merged.Length; i++) merged[i] /= windows.Count;
        return merged;
    }

    /// <summary>Probabilities of scores; NaN where a score is.</summary>
    internal static double[] Softmax(ReadOnlySpan<double> logits)
    {
        var probabilities = new double[logits.Length];
        double largest = double.NegativeInfinity, sum = 0;
        foreach (var logit in logits) largest = Math.Max(largest, logit);
        for (var i = 0; i < logits.Length; i++) sum += probabilities[i] = Math.Exp(logits[i] - largest);
        for (var i = 0; i < logits.Length; i++) probabilities[i] /= sum;
        return probabilities;
    }
}
