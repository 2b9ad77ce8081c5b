using Electra.Checkpoints;
using Electra.Corpus;
using Electra.Inference;
using Electra.Model;
using Electra.Numerics;
using Electra.Pretraining;
using Electra.Tests.Pretraining;
using Electra.Tokenization;
using Electra.Training;
using static TorchSharp.torch;

namespace Electra.Tests.Inference;

/// <summary>detect, fill-mask and embed on lines of standard input, some of them longer than the model's 64 tokens.</summary>
[Collection("torch")]
public sealed class TextCommandTests(TinyDataset data) : IClassFixture<TinyDataset>
{
    static readonly string TooLong = string.Concat(Enumerable.Repeat("the ", 100));

    /// <summary>A run of one step: its networks know nothing, which is enough here.</summary>
    string Run()
    {
        var run = data["run"];
        if (Directory.Exists(run)) return run;
        using var dataset = TokenizedDataset.Open(data.DatasetPath);
        var recipe = RecipeFile.Load(data.RecipePath, PretrainingJson.Default.PretrainingRecipe, ["run.steps=1"]);
        using var pretrainer = Pretrainer.Start(recipe, dataset, run, new Progress<PretrainingProgress>());
        Assert.True(pretrainer.Run(CancellationToken.None));
        return run;
    }

    [Fact]
    public void Kernels_judge_and_fill_as_plain_operations_do()
    {
        var (judging, filling) = (Path.Combine(Run(), "model", "discriminator"), Path.Combine(Run(), "model", "generator"));
        using var detector = ReplacedTokenDetector.Load(judging);
        using var filler = MaskFiller.Load(filling);
        var plain = new Discriminator(ModelDirectory.ReadConfig(judging).Network.Encoder, new ParameterScope());
        ModelDirectory.LoadInto(judging, Architecture.Named("ElectraForPreTraining"), plain.Parameters);
        using var judge = new ReplacedTokenDetector(plain, TokenizerDirectory.Load(judging));

        Assert.True(detector.UseKernels() && filler.UseKernels() && !judge.UseKernels());
        var (expected, judged) = (judge.Detect("The cat sat on the moon."), detector.Detect("The cat sat on the moon."));
        var filled = filler.Fill($"The {filler.MaskToken} sat.", 5)[0];

        Assert.Equal(expected.Select(token => token.Token), judged.Select(token => token.Token));
        Assert.All(expected.Zip(judged), pair => Assert.Equal(pair.First.Probability, pair.Second.Probability, 1e-6));
        Assert.All(PlainProbabilities(filling, filled).Zip(filled), pair => Assert.Equal(pair.First, pair.Second.Probability, 1e-6));
    }

    /// <summary>Of the tokens found for the mask in "The [MASK] sat.".</summary>
    static IEnumerable<double> PlainProbabilities(string model, IReadOnlyList<FilledMask> filled)
    {
        using var loaded = ModelDirectory.Load(model);
        var tokenizer = TokenizerDirectory.Load(model);
        var special = tokenizer.SpecialTokens;
        int[] before = [special.Start, .. tokenizer.EncodeWithOffsets("The").Ids];
        int[] ids = [.. before, special.Mask, .. tokenizer.EncodeWithOffsets("sat.").Ids, special.Separator];
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var probabilities = TensorMemory.ToFloats(loaded.Network.Forward(TokenBatch.Pad([ids], null, special.Padding))["logits"][0][before.Length].softmax(0));
        return [.. filled.Select(candidate => (double)probabilities[Enumerable.Range(0, tokenizer.Vocabulary.Count).First(id => tokenizer.Vocabulary[id] == candidate.Token)])];
    }

    [Fact]
    public void A_line_that_is_too_long_to_judge_is_named_after_those_before_it()
    {
        var (code, output, errors) = ElectraProgram.RunOn($"The cat sat.\n\n{TooLong}\nThe dog ran.\n", "detect", "--model", Run());

        Assert.Equal((2, 2), (code, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Equal("electra: standard input, line 3: The input has 102 tokens, the position table ends at 64. Cut it, or use a model with more positions.\n", errors);
    }

    [Fact]
    public void A_line_without_a_mask_is_named()
    {
        var (code, _, errors) = ElectraProgram.RunOn("The [MASK] sat.\nThe cat sat.\n", "fill-mask", "--model", Run());

        Assert.Equal((2, "electra: standard input, line 2: The text has no [MASK].\n"), (code, errors));
    }

    [Fact]
    public void Texts_cut_before_they_are_embedded_are_counted()
    {
        var (code, output, errors) = ElectraProgram.RunOn($"{TooLong}\nThe cat sat.\n{TooLong}\n", "embed", "--model", Run());

        Assert.Equal((0, 3), (code, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Equal("warning: 2 texts were longer than the model's 64 tokens and cut there: the vectors are of the beginnings\n", errors);
        Assert.Equal((0, ""), Tail(ElectraProgram.Run("embed", "--model", Run(), "The cat sat.")));

        static (int, string) Tail((int Code, string, string Errors) result) => (result.Code, result.Errors);
    }

    [Fact]
    public void A_model_that_is_not_what_its_configuration_says_is_told_or_refused_at_once()
    {
        var model = data["changed"];
        Directory.CreateDirectory(model);
        foreach (var file in Directory.GetFiles(Path.Combine(Run(), "model", "discriminator"))) File.Copy(file, Path.Combine(model, Path.GetFileName(file)), overwrite: true);
        var config = File.ReadAllText(Path.Combine(model, "config.json"));

        // A layer less than the weights have, as after a slip of the hand.
        File.WriteAllText(Path.Combine(model, "config.json"), config.Replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1"));
        var (code, _, errors) = ElectraProgram.Run("detect", "--model", model, "The cat sat.");
        Assert.Equal((0, 16), (code, errors.Split('\n').Count(line => line.Contains("electra.encoder.layer.1.") && line.EndsWith("has no place in this architecture and is left out"))));

        // Four gigabytes of embeddings that are not there.
        File.WriteAllText(Path.Combine(model, "config.json"), config.Replace("\"max_position_embeddings\": 64", "\"max_position_embeddings\": 16000000"));
        foreach (var command in (string[][])[["detect", "--model", model, "The cat sat."], ["pretrain", data.RecipePath, "--data", data.DatasetPath, "--out", data["never"], "--from", model]])
        {
            (code, _, errors) = ElectraProgram.Run(command);
            Assert.Equal((2, $"electra: {Path.Combine(model, "model.safetensors")}: electra.embeddings.position_embeddings.weight has shape [64, 16], config.json asks for [16000000, 16].\n"), (code, errors));
        }
    }

    [Fact]
    public void A_tokenizer_of_another_model_is_told()
    {
        var model = data["other-tokenizer"];
        Directory.CreateDirectory(model);
        foreach (var file in Directory.GetFiles(Path.Combine(Run(), "model", "discriminator")).Where(file => !file.EndsWith("tokenizer.json")))
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)), overwrite: true);
        File.WriteAllLines(Path.Combine(model, "vocab.txt"), File.ReadLines(Path.Combine(data["tokenizer"], "vocab.txt")).Take(300));

        foreach (var command in (string[])["detect", "embed"])
            Assert.Equal($"electra: {model}: the tokenizer has 300 tokens, the model's word table 600 rows. Wrong vocab.txt?\n", ElectraProgram.Run(command, "--model", model, "a b").Errors);
    }
}
