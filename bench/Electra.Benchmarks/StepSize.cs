using Electra.Model;
using Electra.Numerics.Kernels;
using Electra.Objectives;
using Electra.Pretraining;
using Electra.Training;

namespace Electra.Benchmarks;

/// <summary>The sizes of a recipe's joint step over full rows, with the vocabulary of BERT.</summary>
/// <param name="Recipe">Sizes of the networks, and the objective.</param>
/// <param name="Rows">Rows that go through the networks at once.</param>
/// <param name="RowTokens">Tokens of a row.</param>
sealed record StepSize(PretrainingRecipe Recipe, int Rows, int RowTokens)
{
    public const int Vocabulary = 30_522;

    /// <summary>A recipe of this repository by its name.</summary>
    public static StepSize Of(string recipe, int rows, int rowTokens) => new(Load(recipe), rows, rowTokens);

    /// <summary>The same with the recipe's own micro-batch.</summary>
    public static StepSize Of(string recipe)
    {
        var loaded = Load(recipe);
        return new StepSize(loaded, loaded.Batch.MicroBatch, loaded.Batch.Length);
    }

    public ReplacedTokenDetectionConfig Objective => (ReplacedTokenDetectionConfig)Recipe.Objective;

    public EncoderConfig Discriminator => Recipe.Model.Encoder(Vocabulary, paddingId: 0);

    public EncoderConfig Generator => Recipe.Model.GeneratorEncoder(Discriminator);

    public int NumTokens => Rows * RowTokens;

    /// <summary>Masked positions of a row.</summary>
    public int RowMasked => Objective.Masking.CountFor(RowTokens);

    public int NumMasked => Rows * RowMasked;

    /// <summary>Floating point operations by the product's own count (<see cref="ForwardFlops"/>).</summary>
    public double Flops => Rows * Recipe.Cost(Vocabulary).Of(RowTokens, RowMasked);

    /// <summary>Linear layers of the discriminator and its head with equal sizes, and how many there are.</summary>
    public IEnumerable<(int Inputs, int Outputs, int Count)> Linears
    {
        get
        {
            var (config, layers) = (Discriminator, Discriminator.NumHiddenLayers);
            var (h, f) = (config.HiddenSize, config.IntermediateSize);
            if (config.HasProjection) yield return (config.EmbeddingSize, h, 1);
            yield return (h, 3 * h, layers);
            yield return (h, h, layers + 1);
            yield return (h, f, layers);
            yield return (f, h, layers);
        }
    }

    /// <summary>Parameters of both networks with their heads; the word embeddings are shared.</summary>
    public long NumParameters
    {
        get
        {
            EncoderOffsets.WithoutWords(ShapeOf(Generator), out var generator);
            EncoderOffsets.WithoutWords(ShapeOf(Discriminator), out var discriminator);
            long e = Discriminator.EmbeddingSize, h = Discriminator.HiddenSize;
            return generator + discriminator + Vocabulary * (e + 1) + e * (Generator.HiddenSize + 3) + h * (h + 2) + 1;
        }
    }

    /// <summary>What the kernels call an encoder's sizes.</summary>
    public static EncoderShape ShapeOf(EncoderConfig config) => new(
        config.VocabSize, config.MaxPositionEmbeddings, config.TypeVocabSize, config.EmbeddingSize,
        config.HiddenSize, config.NumHiddenLayers, config.NumAttentionHeads, config.IntermediateSize, (float)config.LayerNormEps);

    static PretrainingRecipe Load(string name) =>
        RecipeFile.Load(Path.Combine(AppContext.BaseDirectory, "recipes", $"{name}.json"), PretrainingJson.Default.PretrainingRecipe);
}
