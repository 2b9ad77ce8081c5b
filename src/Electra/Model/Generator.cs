using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: M masked positions of the batch, V vocabulary.

/// <summary>A small masked language model that proposes replacements; Hugging Face's <c>ElectraForMaskedLM</c>.</summary>
public sealed class Generator
{
    /// <summary>The number of the generator's encoder among dropout sites.</summary>
    public const int EncoderIndex = 0;

    readonly MaskedLanguageModelHead _head;

    /// <summary>Declares a generator on the discriminator's tables, or, without one, on its own.</summary>
    /// <param name="config">Its sizes; embedding size and vocabulary must equal the discriminator's where tables are shared.</param>
    /// <param name="scope">An empty scope.</param>
    /// <param name="tables">The encoder whose tables it shares, or null.</param>
    /// <exception cref="ArgumentException">The tables do not fit.</exception>
    public Generator(EncoderConfig config, ParameterScope scope, Encoder? tables = null)
    {
        if (tables is { Config: var owner } && (owner.EmbeddingSize, owner.VocabSize, owner.MaxPositionEmbeddings, owner.TypeVocabSize)
            != (config.EmbeddingSize, config.VocabSize, config.MaxPositionEmbeddings, config.TypeVocabSize))
            throw new ArgumentException("A generator that shares the discriminator's tables has its vocabulary, embedding size, positions and token types.");
        Encoder = tables is null
            ? new Encoder(config, scope["electra"], EncoderIndex)
            : Encoder.OnTablesOf(tables, config, scope["electra"], EncoderIndex);
        _head = new MaskedLanguageModelHead(Encoder, scope);
        Parameters = scope.Parameters;
    }

    /// <summary>The encoder.</summary>
    public Encoder Encoder { get; }

    /// <summary>All parameters under their Hugging Face names; the output matrix is the word table and stands once.</summary>
    public IReadOnlyList<NamedParameter> Parameters { get; }

    /// <summary>Logits (M, V) at <paramref name="positions"/>: the vocabulary head runs on these only.</summary>
    /// <param name="batch">Tokens with some masked.</param>
    /// <param name="positions">(M) int64 places in the flattened batch, or null for all.</param>
    /// <param name="dropout">Null in evaluation.</param>
    public Tensor Forward(TokenBatch batch, Tensor? positions, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var hidden = Encoder.Forward(batch, dropout).flatten(0, 1);                               // (B * T, H)
        return _head.Logits(positions is null ? hidden : hidden.index_select(0, positions)).MoveToOuterDisposeScope();
    }
}
