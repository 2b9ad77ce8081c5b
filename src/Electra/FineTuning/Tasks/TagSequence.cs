using Electra.Evaluation;

namespace Electra.FineTuning.Tasks;

/// <summary>The tags of one sentence in their schemes. What a sequence means is what conlleval reads in it (<see cref="EntitySpans"/>).</summary>
static class TagSequence
{
    /// <summary>The first word whose tag cannot follow the one before in <paramref name="scheme"/>, or -1.</summary>
    public static int FindJump(IReadOnlyList<string> tags, TagScheme scheme)
    {
        var previous = "O";
        for (var i = 0; i <= tags.Count; i++)
        {
            var tag = i < tags.Count ? tags[i] : "O";
            if (!CanFollow(previous, tag, scheme)) return Math.Min(i, tags.Count - 1);
            previous = tag;
        }
        return -1;
    }

    /// <summary>Spans of <paramref name="tags"/>, written in <paramref name="scheme"/>; a sequence that jumps comes out mended.</summary>
    public static string[] Write(ReadOnlySpan<string> tags, TagScheme scheme)
    {
        var written = new string[tags.Length];
        Array.Fill(written, "O");
        var previous = new EntitySpan(-1, -1, "");
        foreach (var span in EntitySpans.Of(tags))
        {
            var suffix = span.Type.Length == 0 ? "" : $"-{span.Type}";
            for (var i = span.Start; i < span.End; i++)
                written[i] = Prefix(i, span, previous, scheme) + suffix;
            previous = span;
        }
        return written;
    }

    /// <summary>Every tag that a scheme has for the types of <paramref name="tags"/>, and O.</summary>
    public static IEnumerable<string> AllOf(IEnumerable<string> tags, TagScheme scheme)
    {
        yield return "O";
        foreach (var type in tags.Where(tag => tag != "O").Select(TypeOf).Distinct(StringComparer.Ordinal))
            foreach (var prefix in scheme == TagScheme.Bioes ? "BIES" : "BI")
                yield return type.Length == 0 ? prefix.ToString() : $"{prefix}-{type}";
    }

    static string Prefix(int word, EntitySpan span, EntitySpan previous, TagScheme scheme) => scheme switch
    {
        TagScheme.Bioes when span.End - span.Start == 1 => "S",
        TagScheme.Bioes when word == span.End - 1 => "E",
        TagScheme.Iob1 => word == span.Start && previous.End == span.Start && previous.Type == span.Type ? "B" : "I",
        _ => word == span.Start ? "B" : "I",
    };

    static bool CanFollow(string previous, string tag, TagScheme scheme)
    {
        char before = previous[0], now = tag[0];
        var continues = now is 'I' or 'E' or 'L';
        var isSameType = TypeOf(previous) == TypeOf(tag);
        return scheme switch
        {
            TagScheme.Iob1 => now != 'B' || (before != 'O' && isSameType),
            TagScheme.Bio => !continues || (before != 'O' && isSameType),
            _ => (before is 'B' or 'I') == continues && (!continues || isSameType),
        };
    }

    static string TypeOf(string tag) => tag.Length > 2 ? tag[2..] : "";
}
