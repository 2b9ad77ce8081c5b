using Electra.Numerics;
using Electra.Numerics.Kernels;
using Electra.Randomness;
using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: B rows, T tokens, E embedding size, H hidden.

/// <summary>
/// The transformer encoder that all three families share (BERT's, post-LN): embeddings, the projection where widths differ,
/// and the layers. This is the plain path, the paper's formulas line by line, and the oracle of every faster one.
/// </summary>
public sealed class Encoder
{
    /// <summary>Added to the scores of padding, as google-research/electra does: far below any real score, finite in every format.</summary>
    const float PaddingScore = -10000f;

    readonly EmbeddingTables _embeddings;
    readonly LinearLayer? _projection;
    readonly (SelfAttention Attention, FeedForward FeedForward)[] _layers;
    readonly int _index;
    KernelEncoder? _kernels;

    /// <summary>Declares an encoder with tables of its own.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="scope">Where its parameters are declared: the family's prefix, such as <c>electra</c>.</param>
    /// <param name="index">Its number in the network, which keeps the dropout of two encoders apart.</param>
    public Encoder(EncoderConfig config, ParameterScope scope, int index = 0)
        : this(config, scope, index, new EmbeddingTables(config, scope["embeddings"])) { }

    Encoder(EncoderConfig config, ParameterScope scope, int index, EmbeddingTables embeddings)
    {
        (Config, Scope, _index, _embeddings) = (config, scope, index, embeddings);
        if (config.HasProjection)
            _projection = scope["embeddings_project"].Linear(config.EmbeddingSize, config.HiddenSize, Initializer.GlorotUniform);
        _layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(layer =>
        {
            var layerScope = scope["encoder"]["layer"][$"{layer}"];
            return (new SelfAttention(config, layerScope["attention"], index, layer), new FeedForward(config, layerScope, index, layer));
        })];
    }

    /// <summary>Declares an encoder on the tables of another, as the generator stands on the discriminator's.</summary>
    public static Encoder OnTablesOf(Encoder owner, EncoderConfig config, ParameterScope scope, int index) =>
        new(config, scope, index, owner._embeddings.SharedIn(scope["embeddings"], owner.Scope["embeddings"]));

    /// <summary>Its sizes.</summary>
    public EncoderConfig Config { get; }

    /// <summary>(V, E) word table, to which a masked language model's output is tied.</summary>
    public Tensor WordTable => _embeddings.Word;

    /// <summary>In what the explicit kernels compute it; null on the plain path.</summary>
    public Precision? KernelPrecision => _kernels?.Precision;

    ParameterScope Scope { get; }

    /// <summary>
    /// Runs by the explicit kernels from now on, where they serve this encoder; elsewhere the plain path stays. Both give the same numbers
    /// up to rounding, and draw the same dropout.
    /// </summary>
    /// <param name="buffer">Holds the encoder's parameters; it must outlive the encoder's use.</param>
    /// <param name="team">The threads, which may serve several encoders in turn.</param>
    /// <returns>The kernels, or null where the plain path stays.</returns>
    internal KernelEncoder? UseKernels(ParameterBuffer buffer, WorkerTeam team)
    {
        _kernels?.Dispose();
        return _kernels = KernelEncoder.TryCreate(Config, Scope, buffer, team, _index);
    }

    /// <summary>Runs several encoders by the explicit kernels, or none: a mixture is neither what a run's manifest says nor what was measured.</summary>
    /// <returns>The kernels of each, one object where an encoder stands twice; null where one is not served and all stay plain.</returns>
    internal static KernelEncoder[]? UseKernels(IReadOnlyList<Encoder> encoders, ParameterBuffer buffer, WorkerTeam team)
    {
        // An encoder that is asked twice frees what it gave before.
        if (encoders.Distinct().All(encoder => encoder.UseKernels(buffer, team) is not null)) return [.. encoders.Select(encoder => encoder._kernels).OfType<KernelEncoder>()];
        foreach (var encoder in encoders) encoder.DropKernels();
        return null;
    }

    /// <summary>Goes back to the plain path and frees the kernels' memory.</summary>
    public void DropKernels()
    {
        _kernels?.Dispose();
        _kernels = null;
    }

    /// <summary>Hidden states of the last layer, (B, T, H). Rows of padding are undefined.</summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="dropout">Null in evaluation.</param>
    /// <param name="hiddenStates">If given, receives the output of the embeddings and of each layer; they live in the caller's dispose scope.</param>
    /// <exception cref="InvalidDataException">A row is too long, or an id lies outside its table.</exception>
    public Tensor Forward(TokenBatch batch, Dropout? dropout, List<Tensor>? hiddenStates = null)
    {
        if (_kernels is not null && hiddenStates is null)
        {
            _embeddings.Check(batch);
            return _kernels.Forward(batch, dropout);
        }
        using var scope = NewDisposeScope();
        dropout?.SeedGenerator(WordTable.device, DropoutMask.Site(_index, 0, DropoutSublayer.Embeddings));
        var attentionBias = batch.HasPadding ? ((1 - batch.MaskTensor(WordTable.device)) * PaddingScore).view(batch.NumRows, 1, 1, batch.MaxLength) : null;

        var x = _embeddings.Lookup(batch);                                                        // (B, T, E)
        if (dropout is not null) x = dropout.ApplyToHidden(x, Config.HiddenDropoutProb, DropoutMask.Site(_index, 0, DropoutSublayer.Embeddings));
        if (_projection is not null) x = _projection.Apply(x);                                    // (B, T, H)
        hiddenStates?.Add(x);

        foreach (var (attention, feedForward) in _layers)
        {
            x = feedForward.Apply(attention.Apply(x, attentionBias, dropout), dropout);
            hiddenStates?.Add(x);
        }

        hiddenStates?.ForEach(state => state.MoveToOuterDisposeScope());
        return hiddenStates is null ? x.MoveToOuterDisposeScope() : x;
    }
}
