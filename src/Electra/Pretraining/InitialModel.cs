using Electra.Checkpoints;
using Electra.Model;
using Electra.Objectives;
using Electra.Tokenization;
using static TorchSharp.torch;

namespace Electra.Pretraining;

/// <summary>
/// A model to continue from: an encoder with its head, and for ELECTRA, if there is one, its generator, each a Hugging Face directory. The sizes
/// of the run are then the model's; the recipe gives dropout, objective, batch and rates. Warm-up and decay begin anew.
/// </summary>
public sealed class InitialModel
{
    readonly string? _generatorPath;
    readonly NetworkConfig _network;
    readonly EncoderConfig? _generator;

    InitialModel(string path, string? generatorPath)
    {
        (Path, _generatorPath) = (path, generatorPath);
        _network = ReadConfig(path);
        if (generatorPath is not null) _generator = ReadGenerator(generatorPath);
        Tokenizer = TokenizerDirectory.Load(path);
        if (Tokenizer.Vocabulary.Count != _network.Encoder.VocabSize)
            throw new InvalidDataException($"{path}: the tokenizer has {Tokenizer.Vocabulary.Count:N0} tokens, the model {_network.Encoder.VocabSize:N0}. Wrong vocab.txt?");
        ModelDirectory.CheckShapes(path);
        if (generatorPath is not null) ModelDirectory.CheckShapes(generatorPath);
    }

    /// <summary>The model's own tokenizer, which the dataset must have been built with.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>Where the model lies, with its tokenizer.</summary>
    public string Path { get; }

    /// <summary>Reads the configurations; weights are read by <see cref="Fill"/>.</summary>
    /// <param name="path">A model, or a run or its <c>model</c> folder, which holds <c>discriminator/</c> and <c>generator/</c>.</param>
    /// <param name="generatorPath">A generator; null looks beside the discriminator.</param>
    /// <exception cref="InvalidDataException">A directory holds something else.</exception>
    public static InitialModel Open(string path, string? generatorPath = null)
    {
        string[] inRun = ["discriminator", "model/discriminator", "model/model", "model"];
        var kept = inRun.Select(part => System.IO.Path.Combine(path, part)).FirstOrDefault(Directory.Exists) ?? path;
        if (!Directory.Exists(kept)) throw new DirectoryNotFoundException($"{path} is no directory; --from takes a model directory.");
        var beside = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(kept))!, "generator");
        var isOther = Directory.Exists(beside) && beside != System.IO.Path.GetFullPath(kept);
        return new InitialModel(kept, generatorPath ?? (isOther ? beside : null));
    }

    /// <summary>The recipe with the model's sizes in place of its own.</summary>
    /// <exception cref="InvalidDataException">The recipe's objective does not continue such a model.</exception>
    public PretrainingRecipe Adapt(PretrainingRecipe recipe)
    {
        var (encoder, architecture) = (_network.Encoder, _network.Architecture);
        if (recipe.Objective is not MaskedLanguageModellingConfig && architecture.Family != EncoderFamily.Electra)
            throw new InvalidDataException($"{Path} holds {architecture.Name}; the recipe's objective continues ELECTRA models.");
        if (recipe.Objective is ReplacedTokenDetectionConfig && architecture.Head == HeadKind.MaskedLanguageModel)
            throw new InvalidDataException($"{Path} holds {architecture.Name}, which is not the discriminator. Are --from and --generator-from swapped?");
        var generator = recipe.Model.Generator;
        if (generator is not null && _generator is { } sizes)
        {
            generator = generator with
            {
                HiddenSize = sizes.HiddenSize,
                NumLayers = sizes.NumHiddenLayers,
                NumAttentionHeads = sizes.NumAttentionHeads,
                IntermediateSize = sizes.IntermediateSize,
                EmbeddingSize = generator.Sharing == GeneratorSharing.Nothing ? sizes.EmbeddingSize : 0,
            };
        }
        return recipe with
        {
            Model = recipe.Model with
            {
                Generator = generator,
                EmbeddingSize = encoder.EmbeddingSize,
                HiddenSize = encoder.HiddenSize,
                NumLayers = encoder.NumHiddenLayers,
                NumAttentionHeads = encoder.NumAttentionHeads,
                IntermediateSize = encoder.IntermediateSize,
                MaxPositionEmbeddings = encoder.MaxLength,
                InitializerRange = encoder.InitializerRange,
                Family = architecture.Family,
            },
        };
    }

    /// <summary>Fills initialised networks with the model's weights.</summary>
    /// <param name="objective">Built from the adapted recipe.</param>
    /// <param name="seed">Of heads that the directories lack.</param>
    /// <param name="note">Told of everything that was not as expected.</param>
    /// <exception cref="InvalidDataException">A tensor is missing or does not fit.</exception>
    public void Fill(IPretrainingObjective objective, ulong seed, Action<string> note)
    {
        using var noGradient = no_grad();
        var (kept, generator) = (objective.Networks[0], objective.Networks.ElementAtOrDefault(1));
        // The kept network last: where both directories hold the shared tables, its own count.
        if (generator is not null && _generatorPath is not null) Load(_generatorPath, generator);
        Load(Path, kept);
        using var scope = NewDisposeScope();
        foreach (var slot in objective.Parameters.Slots)
            if (!slot.Parameter.Value.isfinite().all().item<bool>())
                throw new InvalidDataException($"{Path}: tensor {slot.Parameter.Name} holds numbers that are not finite.");
        if (generator is not null && _generatorPath is null) note(StartGenerator(kept, generator));

        void Load(string path, ObjectiveNetwork network)
        {
            foreach (var line in ModelDirectory.LoadInto(path, network.Config.Architecture, network.Parameters, seed).Lines()) note(line);
        }
    }

    /// <summary>Gives a generator without weights of its own those of the kept encoder, where they fit.</summary>
    static string StartGenerator(ObjectiveNetwork kept, ObjectiveNetwork generator)
    {
        var donors = kept.Parameters.ToDictionary(parameter => parameter.Name);
        var own = generator.Parameters.Where(parameter => !parameter.Name.StartsWith("electra.embeddings.", StringComparison.Ordinal)).ToList();
        var fitting = own.Where(parameter => donors.TryGetValue(parameter.Name, out var donor) && donor.Value.shape.AsSpan().SequenceEqual(parameter.Value.shape)).ToList();
        // Layers of some shapes only would be a patchwork: the encoder is taken whole or not at all.
        var isWhole = own.Where(parameter => parameter.Name.StartsWith("electra.encoder.", StringComparison.Ordinal)).All(fitting.Contains);
        if (!isWhole) return "No generator was given and the sizes of the recipe's differ from the discriminator's: it begins fresh on the shared embeddings.";
        foreach (var parameter in fitting) parameter.Value.copy_(donors[parameter.Name].Value);
        return "No generator was given: its encoder begins as the discriminator's, its head fresh.";
    }

    static NetworkConfig ReadConfig(string path)
    {
        var config = ModelDirectory.ReadConfig(path).Network;
        if (config.Encoder.HiddenAct != "gelu") throw new InvalidDataException($"{path}: hidden_act is '{config.Encoder.HiddenAct}', pretraining continues models with gelu.");
        return config;
    }

    static EncoderConfig ReadGenerator(string path)
    {
        var config = ReadConfig(path);
        if (config.Architecture.Family != EncoderFamily.Electra)
            throw new InvalidDataException($"{path} holds {config.Architecture.Name}; a generator is an ELECTRA model.");
        if (config.Architecture.Head == HeadKind.ReplacedToken)
            throw new InvalidDataException($"{path} holds {config.Architecture.Name}, which is not the generator. Are --from and --generator-from swapped?");
        return config.Encoder;
    }
}
