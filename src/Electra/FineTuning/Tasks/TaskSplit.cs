namespace Electra.FineTuning.Tasks;

/// <summary>One set of a task's examples: where they lie, and what differs from the task's other sets.</summary>
/// <param name="File">Path below the data folder; a file with .gz or .zst behind its name is found too.</param>
/// <param name="HasLabels">False for test sets whose labels are kept by a server.</param>
/// <param name="Format">Where it differs from the task's.</param>
/// <param name="Columns">Where they differ from the task's; all of them are given anew.</param>
/// <param name="MaxExamples">Takes the first examples only; 0 takes all.</param>
/// <param name="Articles">SQuAD: takes only this share of the file's articles, as two numbers from 0 to 1; null takes all.</param>
/// <param name="Submission">The file of predictions that the benchmark's server takes for this set, such as CoLA.tsv; null: none.</param>
public sealed record TaskSplit(
    string File, bool HasLabels = true, TaskFormat? Format = null, TaskColumns? Columns = null, int MaxExamples = 0,
    IReadOnlyList<double>? Articles = null, string? Submission = null)
{
    internal IEnumerable<string> Problems(string place)
    {
        if (File.Length == 0) yield return $"{place}.file is empty";
        if (MaxExamples < 0) yield return $"{place}.max_examples is {MaxExamples}, it must not be negative (0 takes all)";
        if (Articles is not null && Articles is not [>= 0 and var from, <= 1 and var to] || Articles is [var first, var last] && first >= last)
            yield return $"{place}.articles must be two rising numbers from 0 to 1, such as [0, 0.8]";
        foreach (var problem in Format?.Problems($"{place}.format") ?? []) yield return problem;
    }
}
