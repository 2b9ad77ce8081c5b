using System.Text.Json;

namespace Electra.Files;

/// <summary>What is wrong with JSON, and where, without the words of the library that read it.</summary>
public static class JsonFault
{
    /// <summary>Such as <c>no valid JSON at line 3, byte 14</c> or <c>unknown key 'x'</c>; lines and bytes count from 1.</summary>
    /// <param name="exception">Of System.Text.Json: besides its own kind it throws others for keys that stand twice and for text that is no
    /// Unicode.</param>
    public static string Of(Exception exception)
    {
        var message = exception.Message;
        if (Between(message, "uplicate property '", "'") is { } twice) return $"the key '{twice}' stands twice";
        if (Between(message, "same key has already been added. Key: ", " (") is { } again) return $"the key '{again}' stands twice";
        if (exception is not JsonException fault) return "text that is not Unicode";
        if (Between(message, "including: ", ".") is { } missing) return $"{missing} is missing";
        if (Between(message, "JSON property '", "'") is { } unknown) return $"unknown key '{unknown}'";
        return fault.Path is { Length: > 2 } path && IsValue(fault)
            ? $"the value of {path[2..]} is of the wrong kind{(fault.LineNumber is { } line ? $" (line {line + 1:N0})" : "")}"
            : $"no valid JSON{PlaceOf(fault)}";
    }

    /// <summary>True if the text is JSON and a value in it is not what its key takes.</summary>
    public static bool IsValue(JsonException exception) =>
        exception.Message.Contains("could not be converted", StringComparison.Ordinal) || exception.Message.Contains("allow null", StringComparison.Ordinal);

    static string PlaceOf(JsonException exception) => exception is { LineNumber: { } line, BytePositionInLine: { } place }
        ? $" at line {line + 1:N0}, byte {place + 1:N0}{(exception.Message.Contains("maximum configured depth", StringComparison.Ordinal) ? ": nested too deeply" : "")}"
        : "";

    static string? Between(string text, string before, string after)
    {
        var start = text.IndexOf(before, StringComparison.Ordinal);
        if (start < 0) return null;
        start += before.Length;
        var end = text.IndexOf(after, start, StringComparison.Ordinal);
        return end < 0 ? text[start..] : text[start..end];
    }
}
