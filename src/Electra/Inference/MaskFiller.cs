using Electra.Checkpoints;
using Electra.Model;
using Electra.Numerics;
using Electra.Tokenization;
using static TorchSharp.torch;

namespace Electra.Inference;

/// <summary>A token that may stand at a masked place.</summary>
/// <param name="Token">The piece of the vocabulary.</param>
/// <param name="Probability">Of this piece there.</param>
/// <param name="Text">The text with this piece in place of the mask.</param>
public sealed record FilledMask(string Token, double Probability, string Text);

/// <summary>Fills the [MASK]s of a text with a masked language model: ELECTRA's generator, BERT or RoBERTa.</summary>
public sealed class MaskFiller : IDisposable
{
    readonly PretrainedNetwork _network;
    readonly ITokenizer _tokenizer;

    MaskFiller(PretrainedNetwork network, ITokenizer tokenizer) => (_network, _tokenizer) = (network, tokenizer);

    /// <summary>Loads a Hugging Face directory with its tokenizer.</summary>
    /// <param name="directory">The model.</param>
    /// <param name="note">Told of what was not as expected, such as a head that begins fresh.</param>
    /// <param name="precision">Of matrix products; in bfloat16 a probability is another in its third digit, so float32 unless asked for, as in <see cref="TextEmbedder"/>.</param>
    /// <exception cref="InvalidDataException">The directory holds no masked language model, or a damaged one.</exception>
    public static MaskFiller Load(string directory, Action<string>? note = null, Precision precision = Precision.Float32)
    {
        var model = ModelDirectory.Load(directory, precision: precision, device: ComputeDevice.InUse);
        if (model.Config.Network.Architecture.Head is HeadKind.MaskedLanguageModel or HeadKind.MaskedLanguageModelAndNextSentence)
        {
            var tokenizer = TokenizerDirectory.Load(directory);
            model.Report.Tell(tokenizer.Vocabulary.Count, model.Config.Network.Encoder.VocabSize, note);
            return new MaskFiller(model.Network, tokenizer);
        }
        using (model) throw new InvalidDataException($"{directory} holds {model.Config.Network.Architecture.Name}, filling masks needs a masked language model such as the generator of a run.");
    }

    /// <summary>Runs the encoder by the explicit kernels, where they serve it: for many texts, as <see cref="ReplacedTokenDetector.UseKernels"/>.</summary>
    /// <returns>True if the kernels are in use.</returns>
    public bool UseKernels() => _network.UseKernels(get_num_threads());

    /// <summary>The mask as it is written in a text, such as <c>[MASK]</c>.</summary>
    public string MaskToken => _tokenizer.Vocabulary[_tokenizer.SpecialTokens.Mask];

    /// <summary>The likeliest tokens of every mask, in the order of the masks.</summary>
    /// <exception cref="ArgumentException">The text has no mask.</exception>
    /// <exception cref="InvalidDataException">The text is longer than the position table.</exception>
    public IReadOnlyList<IReadOnlyList<FilledMask>> Fill(string text, int numCandidates = 5)
    {
        // The tokenizer takes literal special tokens for text, so the text is encoded between its masks.
        var parts = text.Split(MaskToken);
        if (parts.Length == 1) throw new ArgumentException($"The text has no {MaskToken}.");
        var ids = new TokenBuffer();
        ids.Add(_tokenizer.SpecialTokens.Start);
        var positions = new List<int>();
        for (var part = 0; part < parts.Length; part++)
        {
            if (part > 0)
            {
                positions.Add(ids.Count);
                ids.Add(_tokenizer.SpecialTokens.Mask);
            }
            _tokenizer.Encode(parts[part].AsSpan(), ids);
        }
        ids.Add(_tokenizer.SpecialTokens.Separator);

        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var batch = TokenBatch.Pad([ids.Ids.ToArray()], null, _tokenizer.SpecialTokens.Padding);
        var outputs = _network.Forward(batch);
        var logits = outputs.TryGetValue("logits", out var plain) ? plain : outputs["prediction_logits"];  // (1, T, V)
        return [.. positions.Select((position, mask) => Candidates(logits[0][position], parts, mask, numCandidates))];
    }

    /// <summary>Releases the weights.</summary>
    public void Dispose() => _network.Dispose();

    List<FilledMask> Candidates(Tensor logits, string[] parts, int mask, int count)
    {
        var (probabilities, ids) = nn.functional.softmax(logits, 0).topk(Math.Min(count, (int)logits.numel()));
        return [.. TensorMemory.ToFloats(probabilities).Zip(TensorMemory.Span<long>(ids.cpu()).ToArray(), (probability, id) =>
        {
            var piece = _tokenizer.Decode([(int)id]);
            var filled = parts.Select((part, i) => i == 0 ? part : i - 1 == mask ? piece + part : MaskToken + part);
            return new FilledMask(_tokenizer.Vocabulary[(int)id], probability, string.Concat(filled));
        })];
    }
}
