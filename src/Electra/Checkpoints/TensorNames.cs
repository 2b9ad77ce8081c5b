using Electra.Model;

namespace Electra.Checkpoints;

/// <summary>
/// How the names in published files map to ours. Ours are Hugging Face's of today; files also hold TensorFlow's <c>gamma</c> and <c>beta</c>,
/// encoders without their prefix, copies of tied tensors, and buffers that newer versions no longer store.
/// </summary>
sealed class TensorNames
{
    static readonly string[] EncoderParts = ["embeddings.", "embeddings_project.", "encoder.", "pooler."];

    readonly string _prefix;
    readonly bool _storedBare;

    /// <param name="family">Decides the prefix.</param>
    /// <param name="storedNames">All names of the file.</param>
    public TensorNames(EncoderFamily family, IEnumerable<string> storedNames)
    {
        _prefix = $"{Architecture.PrefixOf(family)}.";
        _storedBare = !storedNames.Any(name => name.StartsWith(_prefix, StringComparison.Ordinal));
    }

    /// <summary>The name with the encoder's prefix and today's words, under which a stored tensor and a parameter meet.</summary>
    public string Canonical(string stored)
    {
        var name = stored.EndsWith(".gamma", StringComparison.Ordinal) ? $"{stored[..^".gamma".Length]}.weight"
            : stored.EndsWith(".beta", StringComparison.Ordinal) ? $"{stored[..^".beta".Length]}.bias"
            : stored;
        return _storedBare ? WithPrefix(name) : name;
    }

    /// <summary>A parameter's name with the encoder's prefix, which a bare encoder's names lack.</summary>
    public string WithPrefix(string name) =>
        Array.Exists(EncoderParts, part => name.StartsWith(part, StringComparison.Ordinal)) ? _prefix + name : name;

    /// <summary>True for the tensors without which there is no encoder; the pooler is a head.</summary>
    public bool IsEncoder(string canonical) =>
        canonical.StartsWith(_prefix, StringComparison.Ordinal) && !canonical.StartsWith($"{_prefix}pooler.", StringComparison.Ordinal);

    /// <summary>True for buffers of old versions that hold no weights.</summary>
    public bool IsObsoleteBuffer(string canonical) => canonical == $"{_prefix}embeddings.position_ids" || canonical == $"{_prefix}embeddings.token_type_ids";

    /// <summary>The name of the tensor that a tied one is a copy of, or null.</summary>
    public string? OwnerOf(string canonical) => canonical switch
    {
        "generator_lm_head.weight" or "cls.predictions.decoder.weight" or "lm_head.decoder.weight" => $"{_prefix}embeddings.word_embeddings.weight",
        "cls.predictions.decoder.bias" => "cls.predictions.bias",
        "lm_head.decoder.bias" => "lm_head.bias",
        _ => null,
    };

    /// <summary>The tied names of the file's architecture, whose copies a file may hold or leave out.</summary>
    public static IReadOnlyList<string> TiedNames(Architecture architecture) => (architecture.Family, architecture.Head) switch
    {
        (EncoderFamily.Electra, HeadKind.MaskedLanguageModel) => ["generator_lm_head.weight"],
        (EncoderFamily.Bert, HeadKind.MaskedLanguageModel or HeadKind.MaskedLanguageModelAndNextSentence) => ["cls.predictions.decoder.weight", "cls.predictions.decoder.bias"],
        (EncoderFamily.Roberta, HeadKind.MaskedLanguageModel) => ["lm_head.decoder.weight", "lm_head.decoder.bias"],
        _ => [],
    };
}
