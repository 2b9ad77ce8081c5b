using Electra.Checkpoints;
using Electra.Model;
using Electra.Numerics;
using Electra.Tokenization;
using static TorchSharp.torch;

namespace Electra.Inference;

/// <summary>One token of a text as a discriminator sees it.</summary>
/// <param name="Token">The piece of the vocabulary.</param>
/// <param name="Start">Where it begins in the text, in UTF-16 code units.</param>
/// <param name="End">Where it ends, exclusive.</param>
/// <param name="Probability">That it stands where another token stood.</param>
public sealed record JudgedToken(string Token, int Start, int End, double Probability);

/// <summary>Says of every token of a text how probable it is that it was replaced: odd words, typing errors, text out of the model's domain.</summary>
public sealed class ReplacedTokenDetector(Discriminator discriminator, ITokenizer tokenizer)
{
    /// <summary>Loads a discriminator: a Hugging Face directory of <c>ElectraForPreTraining</c> with its tokenizer.</summary>
    /// <param name="directory">The model.</param>
    /// <param name="note">Told of what was not as expected, such as a head that begins fresh.</param>
    /// <exception cref="InvalidDataException">The directory holds another model, or a damaged one.</exception>
    public static ReplacedTokenDetector Load(string directory, Action<string>? note = null)
    {
        var config = ModelDirectory.ReadConfig(directory).Network;
        if (config.Architecture.Head != HeadKind.ReplacedToken)
            throw new InvalidDataException($"{directory} holds {config.Architecture.Name}, detection needs ElectraForPreTraining: the discriminator of a run.");
        var tokenizer = Task.Run(() => TokenizerDirectory.Load(directory)); // beside the weights: for one sentence, loading is most of the time
        ModelDirectory.CheckShapes(directory);
        var discriminator = new Discriminator(config.Encoder, new ParameterScope());
        var report = ModelDirectory.LoadInto(directory, config.Architecture, discriminator.Parameters);
        report.Tell(tokenizer.GetAwaiter().GetResult().Vocabulary.Count, config.Encoder.VocabSize, note);
        return new ReplacedTokenDetector(discriminator, tokenizer.Result);
    }

    /// <summary>Judges one text; [CLS] and [SEP] are seen by the model and left out of the result.</summary>
    /// <exception cref="InvalidDataException">The text is longer than the position table.</exception>
    public IReadOnlyList<JudgedToken> Detect(string text)
    {
        var encoded = tokenizer.EncodeWithOffsets(text);
        int[] ids = [tokenizer.SpecialTokens.Start, .. encoded.Ids, tokenizer.SpecialTokens.Separator];
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var logits = TensorMemory.ToFloats(discriminator.Forward(TokenBatch.Pad([ids], null, tokenizer.SpecialTokens.Padding), dropout: null));
        return [.. encoded.Ids.Select((id, i) => new JudgedToken(
            tokenizer.Vocabulary[id], encoded.Offsets[i].Start, encoded.Offsets[i].End, 1 / (1 + Math.Exp(-logits[i + 1]))))];
    }
}
