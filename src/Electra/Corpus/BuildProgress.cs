namespace Electra.Corpus;

/// <summary>How far a build is.</summary>
/// <param name="InputBytes">Bytes of the files read, as they lie on disk.</param>
/// <param name="TotalInputBytes">Bytes of all files.</param>
/// <param name="Documents">Documents written.</param>
/// <param name="Tokens">Tokens written.</param>
public readonly record struct BuildProgress(long InputBytes, long TotalInputBytes, long Documents, long Tokens);
