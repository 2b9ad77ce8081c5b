namespace Electra.FineTuning.Tasks;

/// <summary>A row to predict: an example, or what is wrong with a row that is none. Each row has its place in the output.</summary>
/// <param name="Source">Where it stands.</param>
/// <param name="Example">The example; null where the row is none.</param>
/// <param name="Fault">Why it is none, in words.</param>
public sealed record InputRow(SourceLine Source, TaskExample? Example, string? Fault = null)
{
    /// <summary>An example as a row.</summary>
    public static InputRow Of(TaskExample example) => new(example.Source, example);
}
