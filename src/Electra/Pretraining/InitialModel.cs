using Electra.Checkpoints;
using Electra.Model;
using Electra.Tokenization;
using static TorchSharp.torch;

namespace Electra.Pretraining;

/// <summary>
/// A model to continue from: a discriminator and, if there is one, its generator, each a Hugging Face directory. The sizes of the run are
/// then the model's; the recipe gives dropout, objective, batch and rates. Warm-up and decay begin anew.
/// </summary>
public sealed class InitialModel
{
    const string DiscriminatorName = "ElectraForPreTraining", GeneratorName = "ElectraForMaskedLM";

    readonly string _discriminatorPath;
    readonly string? _generatorPath;
    readonly EncoderConfig _discriminator;
    readonly EncoderConfig? _generator;

    InitialModel(string discriminatorPath, string? generatorPath)
    {
        (_discriminatorPath, _generatorPath) = (discriminatorPath, generatorPath);
        _discriminator = ReadEncoder(discriminatorPath, HeadKind.MaskedLanguageModel, "the discriminator");
        if (generatorPath is not null) _generator = ReadEncoder(generatorPath, HeadKind.ReplacedToken, "the generator");
        Tokenizer = TokenizerDirectory.Load(discriminatorPath);
        if (Tokenizer.Vocabulary.Count != _discriminator.VocabSize)
            throw new InvalidDataException($"{discriminatorPath}: the tokenizer has {Tokenizer.Vocabulary.Count:N0} tokens, the model {_discriminator.VocabSize:N0}. Wrong vocab.txt?");
    }

    /// <summary>The model's own tokenizer, which the dataset must have been built with.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>Reads the configurations; weights are read by <see cref="Fill"/>.</summary>
    /// <param name="path">A discriminator, or a run's <c>model</c> folder that holds <c>discriminator/</c> and <c>generator/</c>.</param>
    /// <param name="generatorPath">A generator; null looks beside the discriminator.</param>
    /// <exception cref="InvalidDataException">A directory holds something else.</exception>
    public static InitialModel Open(string path, string? generatorPath = null)
    {
        var discriminator = Directory.Exists(System.IO.Path.Combine(path, "discriminator")) ? System.IO.Path.Combine(path, "discriminator") : path;
        if (!Directory.Exists(discriminator)) throw new DirectoryNotFoundException($"{path} is no directory; --from takes a model directory.");
        var beside = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(discriminator))!, "generator");
        return new InitialModel(discriminator, generatorPath ?? (Directory.Exists(beside) ? beside : null));
    }

    /// <summary>Where the discriminator lies, with its tokenizer.</summary>
    public string Path => _discriminatorPath;

    /// <summary>The recipe with the model's sizes in place of its own.</summary>
    public PretrainingRecipe Adapt(PretrainingRecipe recipe)
    {
        var own = recipe.Model.Generator;
        var generator = _generator is { } config
            ? new GeneratorConfig(config.HiddenSize, config.NumHiddenLayers, config.NumAttentionHeads, config.IntermediateSize)
            : own;
        return recipe with
        {
            Model = new ModelConfig(
                generator, _discriminator.EmbeddingSize, _discriminator.HiddenSize, _discriminator.NumHiddenLayers, _discriminator.NumAttentionHeads,
                _discriminator.IntermediateSize, _discriminator.MaxPositionEmbeddings, recipe.Model.HiddenDropout, recipe.Model.AttentionDropout,
                _discriminator.InitializerRange),
        };
    }

    /// <summary>Fills initialised networks with the model's weights.</summary>
    /// <param name="networks">Built from the adapted recipe.</param>
    /// <param name="seed">Of heads that the directories lack.</param>
    /// <param name="note">Told of everything that was not as expected.</param>
    /// <exception cref="InvalidDataException">A tensor is missing or does not fit.</exception>
    public void Fill(ElectraNetworks networks, ulong seed, Action<string> note)
    {
        using var noGradient = no_grad();
        // The discriminator last: where both directories hold the shared tables, its own count.
        if (_generatorPath is not null) Load(_generatorPath, GeneratorName, networks.Generator.Parameters);
        Load(_discriminatorPath, DiscriminatorName, networks.Discriminator.Parameters);
        foreach (var slot in networks.Parameters.Slots)
            if (!slot.Parameter.Value.isfinite().all().item<bool>())
                throw new InvalidDataException($"{_discriminatorPath}: tensor {slot.Parameter.Name} holds numbers that are not finite.");
        if (_generatorPath is null) note(StartGenerator(networks));

        void Load(string path, string architecture, IReadOnlyList<NamedParameter> parameters)
        {
            foreach (var line in ModelDirectory.LoadInto(path, Architecture.Named(architecture), parameters, seed).Lines()) note(line);
        }
    }

    /// <summary>Gives a generator without weights of its own those of the discriminator's encoder, where they fit.</summary>
    static string StartGenerator(ElectraNetworks networks)
    {
        var donors = networks.Discriminator.Parameters.ToDictionary(parameter => parameter.Name);
        var own = networks.Generator.Parameters.Where(parameter => !parameter.Name.StartsWith("electra.embeddings.", StringComparison.Ordinal)).ToList();
        var fitting = own.Where(parameter => donors.TryGetValue(parameter.Name, out var donor) && donor.Value.shape.AsSpan().SequenceEqual(parameter.Value.shape)).ToList();
        // Layers of some shapes only would be a patchwork: the encoder is taken whole or not at all.
        var isWhole = own.Where(parameter => parameter.Name.StartsWith("electra.encoder.", StringComparison.Ordinal)).All(fitting.Contains);
        if (!isWhole) return "No generator was given and the recipe's has another width than the discriminator: it begins fresh on the shared embeddings.";
        foreach (var parameter in fitting) parameter.Value.copy_(donors[parameter.Name].Value);
        return "No generator was given: its encoder begins as the discriminator's, its head fresh.";
    }

    static EncoderConfig ReadEncoder(string path, HeadKind otherHead, string role)
    {
        var config = ModelDirectory.ReadConfig(path).Network;
        if (config.Architecture.Family != EncoderFamily.Electra)
            throw new InvalidDataException($"{path} holds {config.Architecture.Name}; this trainer continues ELECTRA models.");
        if (config.Architecture.Head == otherHead)
            throw new InvalidDataException($"{path} holds {config.Architecture.Name}, which is not {role}. Are --from and --generator-from swapped?");
        if (config.Encoder.HiddenAct != "gelu") throw new InvalidDataException($"{path}: hidden_act is '{config.Encoder.HiddenAct}', pretraining continues models with gelu.");
        return config.Encoder;
    }
}
