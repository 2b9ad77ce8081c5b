namespace Electra.Evaluation;

/// <summary>An entity or chunk: tokens <paramref name="Start"/> up to, not including, <paramref name="End"/> of a sentence.</summary>
/// <param name="Type">What follows the tag's first hyphen, such as NP or PER; empty for tags without a type.</param>
public readonly record struct EntitySpan(int Start, int End, string Type);
