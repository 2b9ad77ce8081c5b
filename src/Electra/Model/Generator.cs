using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: M masked positions of the batch, V vocabulary.

/// <summary>A masked language model; Hugging Face's <c>ElectraForMaskedLM</c>. A small one proposes replacements.</summary>
public sealed class Generator
{
    /// <summary>The number of the generator's encoder among dropout sites.</summary>
    public const int EncoderIndex = 0;

    readonly MaskedLanguageModelHead _head;

    /// <summary>Declares a generator on tables of its own.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="scope">An empty scope.</param>
    /// <param name="index">The number of its encoder among dropout sites.</param>
    public Generator(EncoderConfig config, ParameterScope scope, int index = EncoderIndex) : this(new Encoder(config, scope["electra"], index), scope) { }

    Generator(Encoder encoder, ParameterScope scope)
    {
        Encoder = encoder;
        _head = new MaskedLanguageModelHead(encoder, scope);
        Parameters = scope.Parameters;
    }

    /// <summary>Declares a generator beside the network that is kept.</summary>
    /// <param name="config">Its sizes; where tables are shared, embedding size, vocabulary, positions and token types must be the owner's.</param>
    /// <param name="scope">An empty scope.</param>
    /// <param name="owner">The encoder that is kept.</param>
    /// <param name="ownerParameters">Its network's parameters, under their Hugging Face names.</param>
    /// <param name="sharing">What it shares with it.</param>
    /// <exception cref="ArgumentException">What is to be shared does not fit.</exception>
    public static Generator Beside(Encoder owner, IReadOnlyList<NamedParameter> ownerParameters, EncoderConfig config, ParameterScope scope, GeneratorSharing sharing)
    {
        switch (sharing)
        {
            case GeneratorSharing.Nothing:
                return new Generator(config, scope);
            case GeneratorSharing.Everything:
                if (config != owner.Config) throw new ArgumentException("A generator that shares the whole encoder has its sizes.");
                foreach (var parameter in ownerParameters.Where(parameter => parameter.Name.StartsWith("electra.", StringComparison.Ordinal))) scope.Share(parameter.Name, parameter);
                return new Generator(owner, scope);
            default:
                if ((owner.Config.EmbeddingSize, owner.Config.VocabSize, owner.Config.MaxPositionEmbeddings, owner.Config.TypeVocabSize)
                    != (config.EmbeddingSize, config.VocabSize, config.MaxPositionEmbeddings, config.TypeVocabSize))
                    throw new ArgumentException("A generator that shares the discriminator's tables has its vocabulary, embedding size, positions and token types.");
                return new Generator(Encoder.OnTablesOf(owner, config, scope["electra"], EncoderIndex), scope);
        }
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

    /// <summary>Logits (M, V) of hidden states (M, H).</summary>
    public Tensor TokenLogits(Tensor hidden) => _head.Logits(hidden);
}
