using Electra.Numerics.Kernels;
using Electra.Randomness;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Electra.Tests.Numerics.Kernels;

/// <summary>An encoder in plain torch operations over one flat parameter tensor: the oracle of the explicit passes.</summary>
// Shapes: T tokens of one row, H hidden, E embedding size, N heads, D head size.
sealed class TorchEncoder(EncoderShape shape)
{
    readonly Dictionary<string, (long Offset, long[] Shape)> _parameters = Layout(shape);

    public long Length => _parameters.Values.Max(parameter => parameter.Offset + Count(parameter.Shape));

    public EncoderOffsets Offsets => EncoderOffsets.ByName(shape, name => _parameters[name].Offset);

    /// <summary>Every parameter's place.</summary>
    public IEnumerable<(string Name, int Start, int Count)> Parameters =>
        _parameters.Select(parameter => (parameter.Key, (int)parameter.Value.Offset, (int)Count(parameter.Value.Shape)));

    /// <summary>Random parameters whose normalisations are not the identity.</summary>
    public float[] RandomParameters(int seed)
    {
        var random = new Random(seed);
        var values = new float[Length];
        foreach (var (name, (offset, sizes)) in _parameters)
            for (var i = 0; i < Count(sizes); i++)
                values[offset + i] = (random.NextSingle() - 0.5f) * 0.4f + (name.EndsWith("LayerNorm.weight", StringComparison.Ordinal) ? 1 : 0);
        return values;
    }

    /// <returns>(T of all rows, H).</returns>
    public Tensor Forward(Tensor flat, TokenRows rows, EncoderDropout dropout) =>
        cat([.. Enumerable.Range(0, rows.NumRows).Select(row => ForwardRow(flat, rows, row, dropout))]);

    Tensor ForwardRow(Tensor flat, TokenRows rows, int row, EncoderDropout dropout)
    {
        var range = rows.RowStarts[row]..rows.RowStarts[row + 1];
        var place = rows.Places[row];
        var x = Get(flat, "embeddings.word_embeddings.weight").index_select(0, tensor(rows.Ids[range], int64))
            + Get(flat, "embeddings.position_embeddings.weight").index_select(0, tensor(rows.Positions[range], int64))
            + Get(flat, "embeddings.token_type_embeddings.weight").index_select(0, tensor(rows.Types[range], int64));    // (T, E)
        x = DropHidden(Normalize(flat, x, "embeddings."), dropout, place, 0, DropoutSublayer.Embeddings);
        if (shape.HasProjection) x = Linear(flat, x, "embeddings_project");                                           // (T, H)

        for (var layer = 0; layer < shape.NumLayers; layer++)
        {
            var prefix = $"encoder.layer.{layer}.";
            var query = Heads(Linear(flat, x, prefix + "attention.self.query"));                                      // (N, T, D)
            var key = Heads(Linear(flat, x, prefix + "attention.self.key"));
            var value = Heads(Linear(flat, x, prefix + "attention.self.value"));
            var probabilities = (query.matmul(key.transpose(-2, -1)) / Math.Sqrt(shape.HeadSize)).softmax(-1);         // (N, T, T)
            probabilities = DropAttention(probabilities, dropout, place, layer);
            var context = probabilities.matmul(value).transpose(0, 1).reshape(-1, shape.HiddenSize);                  // (T, H)
            var attended = DropHidden(Linear(flat, context, prefix + "attention.output.dense"), dropout, place, layer, DropoutSublayer.AttentionOutput);
            x = Normalize(flat, x + attended, prefix + "attention.output.");
            var inner = F.gelu(Linear(flat, x, prefix + "intermediate.dense"));
            var outer = DropHidden(Linear(flat, inner, prefix + "output.dense"), dropout, place, layer, DropoutSublayer.FeedForwardOutput);
            x = Normalize(flat, x + outer, prefix + "output.");
        }
        return x;
    }

    Tensor Heads(Tensor x) => x.reshape(-1, shape.NumHeads, shape.HeadSize).transpose(0, 1);

    Tensor Linear(Tensor flat, Tensor x, string name) => F.linear(x, Get(flat, name + ".weight"), Get(flat, name + ".bias"));

    Tensor Normalize(Tensor flat, Tensor x, string prefix) =>
        F.layer_norm(x, [x.shape[^1]], Get(flat, prefix + "LayerNorm.weight"), Get(flat, prefix + "LayerNorm.bias"), shape.NormEpsilon);

    static Tensor DropHidden(Tensor x, EncoderDropout dropout, long place, int layer, DropoutSublayer sublayer)
    {
        var mask = new float[x.shape[0] * x.shape[1]];
        var key = DropoutMask.Key(dropout.Seed, dropout.Step, place, DropoutMask.Site(dropout.Encoder, layer, sublayer));
        DropoutMask.FillHidden(mask, (int)x.shape[0], (int)x.shape[1], key, dropout.Hidden);
        return x * tensor(mask, x.shape);
    }

    static Tensor DropAttention(Tensor x, EncoderDropout dropout, long place, int layer)
    {
        var mask = new float[x.shape[0] * x.shape[1] * x.shape[2]];
        var key = DropoutMask.Key(dropout.Seed, dropout.Step, place, DropoutMask.Site(dropout.Encoder, layer, DropoutSublayer.AttentionProbabilities));
        DropoutMask.FillAttention(mask, (int)x.shape[0], (int)x.shape[1], key, dropout.Attention);
        return x * tensor(mask, x.shape);
    }

    Tensor Get(Tensor flat, string name)
    {
        var (offset, sizes) = _parameters[name];
        return flat.narrow(0, offset, Count(sizes)).reshape(sizes);
    }

    static long Count(long[] sizes) => sizes.Aggregate(1L, (product, size) => product * size);

    static Dictionary<string, (long Offset, long[] Shape)> Layout(EncoderShape shape)
    {
        var layout = new Dictionary<string, (long Offset, long[] Shape)>();
        var next = 0L;
        long h = shape.HiddenSize, e = shape.EmbeddingSize, f = shape.IntermediateSize;
        void Add(string name, params long[] sizes)
        {
            layout.Add(name, (next, sizes));
            next += Count(sizes);
        }
        Add("embeddings.word_embeddings.weight", shape.VocabularySize, e);
        Add("embeddings.position_embeddings.weight", shape.MaxPositions, e);
        Add("embeddings.token_type_embeddings.weight", shape.TokenTypes, e);
        Add("embeddings.LayerNorm.weight", e);
        Add("embeddings.LayerNorm.bias", e);
        if (shape.HasProjection) Add("embeddings_project.weight", h, e);
        if (shape.HasProjection) Add("embeddings_project.bias", h);
        for (var layer = 0; layer < shape.NumLayers; layer++)
        {
            var prefix = $"encoder.layer.{layer}.";
            foreach (var part in new[] { "query", "key", "value" }) Add($"{prefix}attention.self.{part}.weight", h, h);
            foreach (var part in new[] { "query", "key", "value" }) Add($"{prefix}attention.self.{part}.bias", h);
            Add(prefix + "attention.output.dense.weight", h, h);
            Add(prefix + "attention.output.dense.bias", h);
            Add(prefix + "attention.output.LayerNorm.weight", h);
            Add(prefix + "attention.output.LayerNorm.bias", h);
            Add(prefix + "intermediate.dense.weight", f, h);
            Add(prefix + "intermediate.dense.bias", f);
            Add(prefix + "output.dense.weight", h, f);
            Add(prefix + "output.dense.bias", h);
            Add(prefix + "output.LayerNorm.weight", h);
            Add(prefix + "output.LayerNorm.bias", h);
        }
        return layout;
    }
}
