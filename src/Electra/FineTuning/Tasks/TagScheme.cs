using System.Text.Json.Serialization;

namespace Electra.FineTuning.Tasks;

/// <summary>How tags mark where entities begin and end.</summary>
public enum TagScheme
{
    /// <summary>B begins every entity, I continues it (IOB2).</summary>
    Bio,
    /// <summary>As BIO, E ends an entity, S is one of a single word.</summary>
    Bioes,
    /// <summary>I marks entities, B only one that directly follows another of its type.</summary>
    [JsonStringEnumMemberName("iob1")]
    Iob1,
}
