namespace Electra.Tokenization;
public static class SentenceSplitter { public static int FirstSentence(ReadOnlySpan<byte> line) => line.Length; }
