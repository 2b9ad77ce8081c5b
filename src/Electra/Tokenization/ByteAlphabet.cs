namespace Electra.Tokenization;

/// <summary>GPT-2's way to write any byte as one visible character, so that vocabularies are text (openai/gpt-2, encoder.py).</summary>
static class ByteAlphabet
{
    static readonly char[] Characters = MakeCharacters();
    static readonly Dictionary<char, byte> Bytes = Enumerable.Range(0, 256).ToDictionary(value => Characters[value], value => (byte)value);

    /// <summary>The character that stands for a byte: itself if Latin-1 shows it, else one from U+0100 on.</summary>
    public static char CharacterOf(byte value) => Characters[value];

    /// <summary>The bytes of a token, or null if it is not written in this alphabet, as special tokens may be.</summary>
    public static byte[]? BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
            if (!Bytes.TryGetValue(token[i], out bytes[i])) return null;
        return bytes;
    }

    /// <summary>The token that stands for <paramref name="bytes"/>.</summary>
    public static string TokenOf(ReadOnlySpan<byte> bytes)
    {
        var token = new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++) token[i] = Characters[bytes[i]];
        return new string(token);
    }

    static char[] MakeCharacters()
    {
        var characters = new char[256];
        var next = 0x100;
        for (var value = 0; value < 256; value++)
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : (char)next++;
        return characters;
    }
}
