using System.Globalization;

namespace Electra.Evaluation;

/// <summary>GLUE's metrics from files alone: accuracy, f1 (of class 1), mcc (Matthews), pearson, spearman; all as fractions.</summary>
public static class GlueScore
{
    /// <summary>
    /// Scores a file of predictions against a file of labels: one value per line, a number or a class's name, in the same order.
    /// </summary>
    /// <returns>The task's metrics in its order; a correlation is NaN where it is undefined.</returns>
    /// <exception cref="InvalidDataException">The files differ in length, or a line is no label of the task.</exception>
    public static IReadOnlyList<KeyValuePair<string, double>> Of(GlueTask task, string labelsPath, string predictionsPath)
    {
        var labels = ReadLines(labelsPath);
        var predictions = ReadLines(predictionsPath);
        if (labels.Count != predictions.Count)
            throw new InvalidDataException(
                $"{predictionsPath}: {predictions.Count:N0} lines, but {labelsPath} has {labels.Count:N0}; both need one value per example and no header.");

        if (task.IsRegression)
        {
            double[] expected = Numbers(task, labels, labelsPath), predicted = Numbers(task, predictions, predictionsPath);
            return [.. task.Metrics.Select(metric => KeyValuePair.Create(metric,
                metric == "pearson" ? Correlation.Pearson(expected, predicted) : Correlation.Spearman(expected, predicted)))];
        }

        if (task.NumbersDiffer && labels.All(IsNumber) != predictions.All(IsNumber))
            throw new InvalidDataException(
                $"{predictionsPath}: names here or in {labelsPath} and numbers in the other, but models number the classes of {task.Name} "
                + "differently; write names in both.");
        var matrix = ConfusionMatrix.Of(Classes(task, labels, labelsPath), Classes(task, predictions, predictionsPath), task.LabelNames.Count);
        return [.. task.Metrics.Select(metric => KeyValuePair.Create(metric, metric switch
        {
            "accuracy" => matrix.Accuracy,
            "f1" => matrix.OfClass(1).F1,
            _ => matrix.MatthewsCorrelation,
        }))];
    }

    static List<string> ReadLines(string path)
    {
        var lines = File.ReadLines(path).Select(line => line.Trim()).ToList();
        while (lines.Count > 0 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        if (lines.Count == 0) throw new InvalidDataException($"{path}: empty; it needs one value per line.");
        return lines;
    }

    static double[] Numbers(GlueTask task, List<string> lines, string path) => [.. lines.Select((line, index) =>
        double.TryParse(line, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw new InvalidDataException($"{path}: line {index + 1}: '{line}' is no number; {task.Name} is a regression."))];

    static int[] Classes(GlueTask task, List<string> lines, string path) => [.. lines.Select((line, index) =>
    {
        var label = IsNumber(line) ? int.Parse(line, CultureInfo.InvariantCulture) : IndexOf(task.LabelNames, line);
        return label >= 0 && label < task.LabelNames.Count
            ? label
            : throw new InvalidDataException(
                $"{path}: line {index + 1}: '{line}' is no label of {task.Name}; the labels are 0 to {task.LabelNames.Count - 1}, "
                + $"or {string.Join(", ", task.LabelNames)}.");
    })];

    static bool IsNumber(string line) => line.Length is > 0 and < 10 && line.All(char.IsAsciiDigit);

    static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
            if (names[i] == name) return i;
        return -1;
    }
}
