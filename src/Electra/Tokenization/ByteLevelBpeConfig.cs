namespace Electra.Tokenization;

/// <summary>The setting of byte-level BPE that changes ids.</summary>
/// <param name="AddPrefixSpace">Puts a space before a text that has none, so that its first word is written like the others.</param>
public sealed record ByteLevelBpeConfig(bool AddPrefixSpace = false);
