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
public sealed class ReplacedTokenDetector : IDisposable
{
    readonly Func<TokenBatch, Tensor> _logits;
    readonly ITokenizer _tokenizer;
    readonly PretrainedNetwork? _network;

    /// <summary>Judges by a discriminator that stays its owner's, such as one that is still learning.</summary>
    public ReplacedTokenDetector(Discriminator discriminator, ITokenizer tokenizer) =>
        (_logits, _tokenizer) = (batch => discriminator.Forward(batch, dropout: null), tokenizer);

    ReplacedTokenDetector(PretrainedNetwork network, ITokenizer tokenizer)
    {
        (_network, _tokenizer) = (network, tokenizer);
        _logits = batch => network.Forward(batch)["logits"];
    }

    /// <summary>Loads a discriminator: a Hugging Face directory of <c>ElectraForPreTraining</c> with its tokenizer.</summary>
    /// <param name="directory">The model.</param>
    /// <param name="note">Told of what was not as expected, such as a head that begins fresh.</param>
    /// <param name="precision">Of matrix products; in bfloat16 a probability is another in its third digit, so float32 unless asked for, as in <see cref="TextEmbedder"/>.</param>
    /// <exception cref="InvalidDataException">The directory holds another model, or a damaged one.</exception>
    public static ReplacedTokenDetector Load(string directory, Action<string>? note = null, Precision precision = Precision.Float32)
    {
        var config = ModelDirectory.ReadConfig(directory).Network;
        if (config.Architecture.Head != HeadKind.ReplacedToken)
            throw new InvalidDataException($"{directory} holds {config.Architecture.Name}, detection needs ElectraForPreTraining: the discriminator of a run.");
        var tokenizer = Task.Run(() => TokenizerDirectory.Load(directory)); // beside the weights: for one sentence, loading is most of the time
        var model = ModelDirectory.Load(directory, precision: precision, device: ComputeDevice.InUse);
        model.Report.Tell(tokenizer.GetAwaiter().GetResult().Vocabulary.Count, config.Encoder.VocabSize, note);
        return new ReplacedTokenDetector(model.Network, tokenizer.Result);
    }

    /// <summary>
    /// Runs the encoder of a discriminator read from a directory by the explicit kernels, where they serve it: for many texts. Of a single one they
    /// take more time to copy and pack the weights than they save.
    /// </summary>
    /// <returns>True if the kernels are in use.</returns>
    public bool UseKernels() => _network?.UseKernels(get_num_threads()) ?? false;

    /// <summary>Judges one text; [CLS] and [SEP] are seen by the model and left out of the result.</summary>
    /// <exception cref="InvalidDataException">The text is longer than the position table.</exception>
    public IReadOnlyList<JudgedToken> Detect(string text)
    {
        var encoded = _tokenizer.EncodeWithOffsets(text);
        int[] ids = [_tokenizer.SpecialTokens.Start, .. encoded.Ids, _tokenizer.SpecialTokens.Separator];
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var logits = TensorMemory.ToFloats(_logits(TokenBatch.Pad([ids], null, _tokenizer.SpecialTokens.Padding)));
        return [.. encoded.Ids.Select((id, i) => new JudgedToken(
            _tokenizer.Vocabulary[id], encoded.Offsets[i].Start, encoded.Offsets[i].End, 1 / (1 + Math.Exp(-logits[i + 1]))))];
    }

    /// <summary>Releases the weights read from a directory.</summary>
    public void Dispose() => _network?.Dispose();
}
