using Electra.Numerics;
using Electra.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Electra.Model;

// Shapes: B rows, T tokens, H hidden, N heads, D head size.

/// <summary>Multi-head self-attention with its output product, dropout, residual and LayerNorm (Vaswani et al. 2017, post-LN as in BERT).</summary>
sealed class SelfAttention
{
    readonly LinearLayer _query, _key, _value, _output;
    readonly LayerNormalization _layerNorm;
    readonly EncoderConfig _config;
    readonly Precision _precision;
    readonly int _probabilitySite, _outputSite;

    public SelfAttention(EncoderConfig config, ParameterScope scope, int encoder, int layer)
    {
        (_config, _precision) = (config, scope.Precision);
        // The three are declared side by side, so that a fast path sees one (3H, H) matrix in the flat buffer.
        _query = scope["self"]["query"].Linear(config.HiddenSize, config.HiddenSize);
        _key = scope["self"]["key"].Linear(config.HiddenSize, config.HiddenSize);
        _value = scope["self"]["value"].Linear(config.HiddenSize, config.HiddenSize);
        _output = scope["output"]["dense"].Linear(config.HiddenSize, config.HiddenSize);
        _layerNorm = scope["output"]["LayerNorm"].LayerNorm(config.HiddenSize, config.LayerNormEps);
        (_probabilitySite, _outputSite) = (
            DropoutMask.Site(encoder, layer, DropoutSublayer.AttentionProbabilities), DropoutMask.Site(encoder, layer, DropoutSublayer.AttentionOutput));
    }

    /// <param name="x">(B, T, H).</param>
    /// <param name="attentionBias">(B, 1, 1, T): 0 on real tokens, very negative on padding; null where no row is padded.</param>
    /// <param name="dropout">Null in evaluation.</param>
    public Tensor Apply(Tensor x, Tensor? attentionBias, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var context = x.device_type == DeviceType.CPU ? ContextByFormula(x, attentionBias, dropout) : ContextByLibrary(x, attentionBias, dropout);
        var output = _output.ApplyInside(context);
        if (dropout is not null) output = dropout.ApplyToHidden(output, _config.HiddenDropoutProb, _outputSite);
        return _layerNorm.Apply(output + x).MoveToOuterDisposeScope();
    }

    /// <summary>softmax(Q K^T / sqrt(D)) V of all heads, (B, T, H).</summary>
    internal Tensor ContextByFormula(Tensor x, Tensor? attentionBias, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var query = Heads(_query.Apply(x));                                                       // (B, N, T, D)
        var key = Heads(_key.Apply(x));
        var value = Heads(_value.Apply(x));

        var scores = MatrixProduct.Batched(query, key.transpose(-2, -1), _precision) / Math.Sqrt(_config.HeadSize);
        if (attentionBias is not null) scores += attentionBias;
        var probabilities = nn.functional.softmax(scores, dim: -1);                               // (B, N, T, T)
        if (dropout is not null) probabilities = dropout.ApplyToAttention(probabilities, _config.AttentionProbsDropoutProb, _probabilitySite);
        return MatrixProduct.Batched(probabilities, value, _precision).transpose(1, 2).reshape(x.shape).MoveToOuterDisposeScope();
    }

    /// <summary>The same in one product for queries, keys and values and one operation of libtorch, which on a GPU writes no scores to memory. Dropout is the device's.</summary>
    internal Tensor ContextByLibrary(Tensor x, Tensor? attentionBias, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        var weight = cat([_query.Weight, _key.Weight, _value.Weight]);                            // (3H, H)
        var bias = cat([_query.Bias, _key.Bias, _value.Bias]);
        var heads = MatrixProduct.LinearInside(x, weight, bias, _precision)
            .view(x.shape[0], x.shape[1], 3, _config.NumAttentionHeads, _config.HeadSize).permute(2, 0, 3, 1, 4).unbind(0);  // 3 of (B, N, T, D)
        var context = nn.functional.scaled_dot_product_attention(
            heads[0], heads[1], heads[2], attentionBias?.to(heads[0].dtype), dropout is null ? 0 : _config.AttentionProbsDropoutProb);
        return context.transpose(1, 2).reshape(x.shape).MoveToOuterDisposeScope();
    }

    Tensor Heads(Tensor x) => x.view(x.shape[0], x.shape[1], _config.NumAttentionHeads, _config.HeadSize).transpose(1, 2);
}
