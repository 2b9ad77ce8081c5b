namespace Electra.Reporting;

/// <summary>Names and values that belong together, such as a section of a recipe.</summary>
public sealed record FactSection(string Name, IReadOnlyList<KeyValuePair<string, string>> Facts);
