using Electra.Numerics;
using static TorchSharp.torch;

namespace Electra.Model;

/// <summary>An encoder with the head of one Hugging Face architecture: what a model directory holds.</summary>
public sealed class PretrainedNetwork : IDisposable
{
    /// <summary>The number of its encoder among dropout sites.</summary>
    public const int EncoderIndex = 0;

    ParameterBuffer? _buffer;

    /// <summary>Declares the network; its parameters are zero until initialised or loaded.</summary>
    /// <param name="config">Family, head and sizes.</param>
    /// <param name="precision">Of all matrix products.</param>
    /// <param name="device">Where it lives, the CPU if null; on <c>meta</c> it has names and shapes but takes no memory.</param>
    public PretrainedNetwork(NetworkConfig config, Precision precision = Precision.Float32, Device? device = null)
    {
        (Config, Precision) = (config, precision);
        var scope = new ParameterScope(precision, device);
        var architecture = config.Architecture;
        // A bare encoder's names stand without the family's prefix.
        var encoderScope = architecture.Head == HeadKind.None ? scope : scope[architecture.Prefix];
        Encoder = new Encoder(config.Encoder, encoderScope, EncoderIndex);
        var pooler = architecture.HasPooler ? new Pooler(config.Encoder, encoderScope) : null;
        Head = architecture.Head switch
        {
            HeadKind.ReplacedToken => new ReplacedTokenOutput(new ReplacedTokenHead(config.Encoder, scope)),
            HeadKind.MaskedLanguageModel => new MaskedLanguageModelOutput(new MaskedLanguageModelHead(Encoder, scope)),
            HeadKind.MaskedLanguageModelAndNextSentence => new BertPretrainingHead(Encoder, pooler!, scope),   // HasPooler says so
            HeadKind.SequenceClassification => new SequenceClassificationHead(config, pooler, scope),
            HeadKind.TokenClassification => new TokenClassificationHead(config, scope),
            HeadKind.QuestionAnswering => new QuestionAnsweringHead(config.Encoder, scope),
            HeadKind.JointQuestionAnswering => new JointQuestionAnsweringHead(config.Encoder, scope),
            _ => new BareHead(pooler),
        };
        Parameters = scope.Parameters;
    }

    /// <summary>Family, head and sizes.</summary>
    public NetworkConfig Config { get; }

    /// <summary>Of all matrix products.</summary>
    public Precision Precision { get; }

    /// <summary>The encoder.</summary>
    public Encoder Encoder { get; }

    /// <summary>What stands on it.</summary>
    public INetworkHead Head { get; }

    /// <summary>All parameters under their Hugging Face names; a tied one stands once, under the embedding's.</summary>
    public IReadOnlyList<NamedParameter> Parameters { get; }

    /// <summary>Number of weights, tied ones counted once.</summary>
    public long NumParameters => Parameters.Sum(parameter => parameter.Value.numel());

    /// <summary>The head's outputs, in the caller's dispose scope.</summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="dropout">Null in evaluation.</param>
    /// <param name="hiddenStates">If given, receives the output of the embeddings and of each layer.</param>
    /// <exception cref="InvalidDataException">A row is too long, or an id lies outside its table.</exception>
    public IReadOnlyDictionary<string, Tensor> Forward(TokenBatch batch, Dropout? dropout = null, List<Tensor>? hiddenStates = null)
    {
        using var scope = NewDisposeScope();
        var outputs = Head.Forward(Encoder.Forward(batch, dropout, hiddenStates), dropout);
        foreach (var output in outputs.Values) output.MoveToOuterDisposeScope();
        hiddenStates?.ForEach(state => state.MoveToOuterDisposeScope());
        return outputs;
    }

    /// <summary>All weights side by side in one buffer, as an optimizer and the kernels want them; moved there at the first call.</summary>
    public ParameterBuffer Flatten() => _buffer ??= new ParameterBuffer([Parameters], Encoder.WordTable.device);

    /// <summary>Runs the encoder by the explicit kernels, where they serve it; heads stay torch's. Hidden states of padding are zero then.</summary>
    /// <param name="numWorkers">Threads.</param>
    /// <returns>True if the kernels are in use.</returns>
    public bool UseKernels(int numWorkers) => Encoder.UseKernels(Flatten(), Flatten().Team(numWorkers)) is not null;

    /// <summary>Runs pretraining by the explicit kernels, where they serve the encoder; the head must be one that guesses tokens.</summary>
    /// <param name="numWorkers">Threads.</param>
    /// <returns>True if the kernels are in use.</returns>
    public bool UsePretrainingKernels(int numWorkers)
    {
        PretrainingKernels?.Dispose();
        var (buffer, team) = (Flatten(), Flatten().Team(numWorkers));
        PretrainingKernels = Encoder.UseKernels(buffer, team) is { } kernels ? new MaskedLanguageModelKernels(kernels, Encoder, Parameters, buffer, Precision, team) : null;
        return PretrainingKernels is not null;
    }

    /// <summary>Encoder and token head by explicit kernels, or null where plain operations are in use.</summary>
    public MaskedLanguageModelKernels? PretrainingKernels { get; private set; }

    /// <summary>Logits (M, V) of hidden states (M, H), in the caller's dispose scope.</summary>
    /// <exception cref="InvalidOperationException">The head guesses no tokens.</exception>
    public Tensor TokenLogits(Tensor hidden) => Head is ITokenPredictor predictor
        ? predictor.TokenLogits(hidden)
        : throw new InvalidOperationException($"{Config.Architecture} guesses no tokens.");

    /// <summary>Gives every parameter its first value.</summary>
    public void Initialize(ulong seed)
    {
        foreach (var parameter in Parameters) parameter.Initialize(seed, Config.Encoder.InitializerRange);
    }

    /// <summary>Releases weights and threads.</summary>
    public void Dispose()
    {
        PretrainingKernels?.Dispose();
        Encoder.DropKernels();
        _buffer?.Dispose();
        foreach (var parameter in Parameters) parameter.Value.Dispose();
    }
}
