using Electra.Checkpoints;
using Electra.Model;
using Electra.Numerics;
using Electra.Tokenization;
using static TorchSharp.torch;

namespace Electra.Inference;

/// <summary>Which hidden states stand for a text.</summary>
public enum Pooling
{
    /// <summary>The mean over its tokens, [CLS] and [SEP] counted.</summary>
    Mean,
    /// <summary>The first token's.</summary>
    First,
}

/// <summary>Turns texts into vectors with any encoder: the hidden states of its last layer.</summary>
public sealed class TextEmbedder : IDisposable
{
    const int RowsAtOnce = 32;

    readonly PretrainedNetwork _network;
    readonly ITokenizer _tokenizer;

    /// <summary>Takes over a network, which runs by the explicit kernels where they serve it.</summary>
    public TextEmbedder(PretrainedNetwork network, ITokenizer tokenizer)
    {
        (_network, _tokenizer) = (network, tokenizer);
        network.UseKernels(get_num_threads());
    }

    /// <summary>Loads a Hugging Face directory with its tokenizer.</summary>
    /// <param name="directory">The model.</param>
    /// <param name="note">Told of what was not as expected.</param>
    /// <param name="precision">Of matrix products.</param>
    /// <exception cref="InvalidDataException">The directory is damaged or holds something else.</exception>
    public static TextEmbedder Load(string directory, Action<string>? note = null, Precision precision = Precision.Float32)
    {
        var model = ModelDirectory.Load(directory, precision: precision, device: ComputeDevice.InUse);
        var tokenizer = TokenizerDirectory.Load(directory);
        model.Report.Tell(tokenizer.Vocabulary.Count, model.Config.Network.Encoder.VocabSize, note);
        return new TextEmbedder(model.Network, tokenizer);
    }

    /// <summary>In what the explicit kernels compute; null where plain torch operations are in use.</summary>
    public Precision? KernelPrecision => _network.Encoder.KernelPrecision;

    /// <summary>Sizes of the encoder.</summary>
    public EncoderConfig Config => _network.Encoder.Config;

    /// <summary>Tokens that a text takes, [CLS] and [SEP] counted; at most <see cref="MaxLength"/>.</summary>
    public int CountTokens(string text) => Encode(text).Length;

    /// <summary>Width of a vector.</summary>
    public int Size => _network.Encoder.Config.HiddenSize;

    /// <summary>Most tokens of a text, [CLS] and [SEP] counted.</summary>
    public int MaxLength => _network.Encoder.Config.MaxLength;

    /// <summary>Texts so far that were longer and were cut.</summary>
    public long NumCut { get; private set; }

    /// <summary>One vector for each text, in their order. A text longer than the position table is cut there and counted.</summary>
    public IReadOnlyList<float[]> Embed(IReadOnlyList<string> texts, Pooling pooling = Pooling.Mean)
    {
        var rows = texts.Select((text, index) => (Ids: Encode(text), Index: index)).OrderBy(row => row.Ids.Length).ToList();
        var vectors = new float[texts.Count][];
        // Rows of like length go together, so that little is padded.
        foreach (var chunk in rows.Chunk(RowsAtOnce))
        {
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            var batch = TokenBatch.Pad([.. chunk.Select(row => row.Ids)], null, _tokenizer.SpecialTokens.Padding);
            var hidden = _network.Encoder.Forward(batch, dropout: null);                          // (B, T, H)
            var mask = batch.MaskTensor(hidden.device).unsqueeze(-1);                             // (B, T, 1)
            var pooled = pooling == Pooling.First ? hidden.select(1, 0) : (hidden * mask).sum(1) / mask.sum(1);
            var values = TensorMemory.ToFloats(pooled);
            for (var row = 0; row < chunk.Length; row++) vectors[chunk[row].Index] = values.AsSpan(row * Size, Size).ToArray();
        }
        return vectors;
    }

    /// <summary>Releases the weights.</summary>
    public void Dispose() => _network.Dispose();

    int[] Encode(string text)
    {
        var ids = new TokenBuffer();
        ids.Add(_tokenizer.SpecialTokens.Start);
        _tokenizer.Encode(text.AsSpan(), ids);
        if (ids.Count > MaxLength - 1)
        {
            NumCut++;
            ids.Truncate(MaxLength - 1);
        }
        ids.Add(_tokenizer.SpecialTokens.Separator);
        return ids.Ids.ToArray();
    }
}
