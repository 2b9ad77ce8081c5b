using Electra.Model;
using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.Tests.Model;

[Collection(TorchCollection.Name)]
public sealed class SelfAttentionTests
{
    const int Rows = 3, Tokens = 9, Hidden = 16;

    static readonly EncoderConfig Config = new(VocabSize: 20, EmbeddingSize: 8, HiddenSize: Hidden, NumHiddenLayers: 1, NumAttentionHeads: 2, IntermediateSize: 24, MaxPositionEmbeddings: 12);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_library_s_attention_gives_the_formula_s_context_and_gradients(bool hasPadding)
    {
        using var scope = NewDisposeScope();
        var parameters = new ParameterScope();
        var attention = new SelfAttention(Config, parameters, encoder: 0, layer: 0);
        foreach (var parameter in parameters.Parameters) parameter.Initialize(seed: 1, standardDeviation: 0.5);
        var generator = new TorchSharp.torch.Generator(2);
        var (values, weights) = (randn([Rows, Tokens, Hidden], generator: generator), randn([Rows, Tokens, Hidden], generator: generator));
        var bias = hasPadding ? BiasOf([Tokens, 4, 7]) : null;

        var byFormula = Run(attention.ContextByFormula);
        var byLibrary = Run(attention.ContextByLibrary);

        foreach (var (expected, actual) in byFormula.Zip(byLibrary))
            Assert.InRange((expected - actual).abs().max().item<float>(), 0, 1e-5 * Math.Max(1, expected.abs().max().item<float>())); // float32, two orders of summation

        // Context, gradient of the input and gradients of the parameters.
        List<Tensor> Run(Func<Tensor, Tensor?, Dropout?, Tensor> context)
        {
            foreach (var parameter in parameters.Parameters) parameter.Value.grad?.zero_();
            var x = values.clone().requires_grad_();
            var result = context(x, bias, null);
            (result * weights).sum().backward();
            return [result.detach(), x.grad!, .. parameters.Parameters.Select(parameter => parameter.Value.grad).OfType<Tensor>().Select(gradient => gradient.clone())];
        }
    }

    /// <summary>(B, 1, 1, T): what the encoder adds to scores of padding.</summary>
    static Tensor BiasOf(int[] lengths) => TensorMemory.Floats(
        [.. lengths.SelectMany(length => Enumerable.Range(0, Tokens).Select(token => token < length ? 0f : -10000f))], CPU, lengths.Length, 1, 1, Tokens);
}
