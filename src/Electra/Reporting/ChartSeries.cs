namespace Electra.Reporting;

/// <summary>One line of a chart.</summary>
/// <param name="Name">What the legend calls it; empty if the chart's title says it all.</param>
/// <param name="X">Abscissae, rising.</param>
/// <param name="Y">Ordinates; one that is no finite number is a gap.</param>
/// <param name="IsNoisy">Drawn as a moving average over a faint line of the values themselves.</param>
/// <param name="IsContext">Drawn in grey, behind the lines that the chart is about.</param>
/// <param name="Slot">Which colour and dash: the same number is the same in every chart; null: the line's place in the chart.</param>
public sealed record ChartSeries(
    string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y, bool IsNoisy = false, bool IsContext = false, int? Slot = null);
