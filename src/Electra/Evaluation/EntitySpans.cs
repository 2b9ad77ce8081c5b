namespace Electra.Evaluation;

/// <summary>
/// Tags to spans by the rules of conlleval, which read BIO (IOB2), IOB1, IOE and BIOES tags alike and never fail on a sequence that
/// jumps: a change of type ends a span and begins another, and I or E after O begins one. L and U (BILOU) mean E and S.
/// </summary>
public static class EntitySpans
{
    /// <summary>The spans of one sentence, in order.</summary>
    /// <exception cref="ArgumentException">A tag is none, see <see cref="IsTag"/>.</exception>
    public static List<EntitySpan> Of(ReadOnlySpan<string> tags)
    {
        var spans = new List<EntitySpan>();
        int start = -1;
        char previousPrefix = 'O';
        string previousType = "";
        for (var i = 0; i < tags.Length; i++)
        {
            var (prefix, type) = Split(tags[i]);
            var isOutside = prefix == 'O';
            var endsBefore = isOutside || previousPrefix is 'E' or 'S' || prefix is 'B' or 'S' || type != previousType;
            if (start >= 0 && endsBefore)
            {
                spans.Add(new EntitySpan(start, i, previousType));
                start = -1;
            }
            if (start < 0 && !isOutside) start = i;
            (previousPrefix, previousType) = (prefix, type);
        }
        if (start >= 0) spans.Add(new EntitySpan(start, tags.Length, previousType));
        return spans;
    }

    /// <summary>True for O, and for one of B, I, E, S, L, U alone or followed by a hyphen and a type.</summary>
    public static bool IsTag(string tag) =>
        tag == "O" || (tag.Length > 0 && "BIESLU".Contains(tag[0]) && (tag.Length == 1 || tag[1] == '-'));

    static (char Prefix, string Type) Split(string tag)
    {
        if (!IsTag(tag))
            throw new ArgumentException($"'{tag}' is no tag: O is one, or B, I, E, S, L or U followed by a hyphen and a type.");
        var prefix = tag[0] switch { 'L' => 'E', 'U' => 'S', var other => other };
        return (prefix, tag.Length > 2 ? tag[2..] : "");
    }
}
