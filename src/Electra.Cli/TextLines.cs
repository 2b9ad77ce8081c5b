namespace Electra.Cli;

/// <summary>Lines of UTF-8 text, as bytes, without a copy of each.</summary>
static class TextLines
{
    const int MaxLine = 1 << 28, FirstBuffer = 1 << 16;

    /// <summary>The lines of a stream; each is valid until the next is asked for, and is given as soon as its end has come.</summary>
    /// <param name="name">What to call the stream in an error.</param>
    /// <exception cref="InvalidDataException">A line is longer than 256 MiB.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> Read(Stream text, string name)
    {
        var buffer = new byte[FirstBuffer];
        var (start, filled, number) = (0, 0, 1L);
        while (true)
        {
            for (int length; (length = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += length + 1, number++)
                yield return WithoutReturn(buffer.AsMemory(start, length));

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            (filled, start) = (filled - start, 0);
            if (filled > MaxLine) throw new InvalidDataException($"{name}: line {number:N0} is longer than {MaxLine:N0} bytes; is it text?");
            if (filled == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            var read = text.Read(buffer, filled, buffer.Length - filled);
            if (read == 0) break;
            filled += read;
        }
        if (filled > 0) yield return WithoutReturn(buffer.AsMemory(0, filled));
    }

    static ReadOnlyMemory<byte> WithoutReturn(ReadOnlyMemory<byte> line) => line.Span is [.., (byte)'\r'] ? line[..^1] : line;
}
