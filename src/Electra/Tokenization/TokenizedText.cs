namespace Electra.Tokenization;

/// <summary>Ids and the place of each token in the text they came from.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Offsets">Start and exclusive end of each token, in UTF-16 code units of the original text.</param>
public sealed record TokenizedText(IReadOnlyList<int> Ids, IReadOnlyList<(int Start, int End)> Offsets);
