using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: B rows, T tokens, E embedding size, V vocabulary.

/// <summary>
/// Word, position and token type tables with their LayerNorm: what a generator and a discriminator share (Clark et al. 2020, section 3.2;
/// google-research/electra ties the LayerNorm too). Dropout and projection are not shared and belong to the encoder.
/// </summary>
public sealed class EmbeddingTables
{
    readonly Parameter _position, _tokenType;
    readonly LayerNormalization _layerNorm;
    readonly EncoderConfig _config;

    /// <summary>Declares new tables.</summary>
    public EmbeddingTables(EncoderConfig config, ParameterScope scope)
    {
        _config = config;
        Word = scope["word_embeddings"].Declare("weight", Initializer.TruncatedNormal, config.VocabSize, config.EmbeddingSize);
        _position = scope["position_embeddings"].Declare("weight", Initializer.TruncatedNormal, config.MaxPositionEmbeddings, config.EmbeddingSize);
        _tokenType = scope["token_type_embeddings"].Declare("weight", Initializer.TruncatedNormal, config.TypeVocabSize, config.EmbeddingSize);
        _layerNorm = scope["LayerNorm"].LayerNorm(config.EmbeddingSize, config.LayerNormEps);
    }

    EmbeddingTables(EmbeddingTables other, ParameterScope scope, ParameterScope otherScope)
    {
        (_config, Word, _position, _tokenType, _layerNorm) = (other._config, other.Word, other._position, other._tokenType, other._layerNorm);
        foreach (var name in (string[])["word_embeddings.weight", "position_embeddings.weight", "token_type_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias"])
            scope.Share(name, otherScope.Find(name));
    }

    /// <summary>(V, E), to which a masked language model's output is tied.</summary>
    public Parameter Word { get; }

    /// <summary>The same tables under the names of another network.</summary>
    /// <param name="scope">The other network's embedding scope.</param>
    /// <param name="owner">This one's embedding scope.</param>
    public EmbeddingTables SharedIn(ParameterScope scope, ParameterScope owner) => new(this, scope, owner);

    /// <summary>Normalised sums of the three tables, (B, T, E).</summary>
    /// <exception cref="InvalidDataException">A row is longer than the position table, or an id or token type lies outside its table.</exception>
    public Tensor Lookup(TokenBatch batch)
    {
        Check(batch);
        using var scope = NewDisposeScope();
        var device = Word.device;
        var shape = new long[] { batch.NumRows, batch.MaxLength, _config.EmbeddingSize };
        var words = Word.index_select(0, batch.IdTensor(device).flatten()).view(shape);
        var positions = _position.index_select(0, batch.PositionTensor(_config.FirstPosition, device).flatten()).view(shape);
        var types = _tokenType.index_select(0, batch.TokenTypeTensor(device).flatten()).view(shape);
        if (batch.HasPadding)
        {
            // As in Hugging Face, whose question answering scores padding too, the rows of padding are not learnt.
            var isReal = batch.MaskTensor(device).to(ScalarType.Bool).unsqueeze(-1);
            words = where(isReal, words, words.detach());
            if (_config.FirstPosition > 0) positions = where(isReal, positions, positions.detach());
        }
        return _layerNorm.Apply(words + types + positions).MoveToOuterDisposeScope();
    }

    /// <summary>Refuses what the tables have no row for.</summary>
    /// <exception cref="InvalidDataException">A row is longer than the position table, or an id or token type lies outside its table.</exception>
    public void Check(TokenBatch batch)
    {
        if (batch.MaxLength > _config.MaxLength)
            throw new InvalidDataException($"The input has {batch.MaxLength:N0} tokens, the position table ends at {_config.MaxLength:N0}. Cut it, or use a model with more positions.");
        foreach (var id in batch.Ids)
            if ((uint)id >= (uint)_config.VocabSize)
                throw new InvalidDataException($"Token id {id:N0} lies outside the vocabulary of {_config.VocabSize:N0}. Wrong tokenizer?");
        foreach (var type in batch.TokenTypes)
            if ((uint)type >= (uint)_config.TypeVocabSize)
                throw new InvalidDataException($"Token type {type} lies outside the model's {_config.TypeVocabSize} types.");
    }
}
