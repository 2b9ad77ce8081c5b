using System.Text.Json;
using System.Text.Json.Nodes;
using Electra.Model;

namespace Electra.Checkpoints;

/// <summary>The keys of a config.json that this library understands, read with their types checked.</summary>
sealed class ConfigFields(string path, JsonObject json)
{
    /// <summary>A size above this is damage: it would ask for more memory than any machine has.</summary>
    const int MaxSize = 1 << 24;

    /// <summary>Dropout sites are numbered for this many layers; the deepest published encoders have 48.</summary>
    const int MaxLayers = 200;

    const int MaxLabels = 1 << 16;

    static readonly (EncoderFamily Family, string Prefix)[] Families = [.. Enum.GetValues<EncoderFamily>().Select(family => (family, Electra.Model.Architecture.PrefixOf(family)))];

    /// <summary>Keys that would change what the network computes, with the only value built here.</summary>
    static readonly (string Key, string Plain)[] Unsupported =
    [
        ("position_embedding_type", "\"absolute\""), ("is_decoder", "false"), ("add_cross_attention", "false"), ("is_encoder_decoder", "false"),
        ("pruned_heads", "{}"),
    ];

    static readonly (ProblemType Problem, string Name)[] ProblemTypes =
    [
        (ProblemType.Regression, "regression"), (ProblemType.SingleLabelClassification, "single_label_classification"),
        (ProblemType.MultiLabelClassification, "multi_label_classification"),
    ];

    /// <summary>From <c>model_type</c>, else from the architecture's name, else from the tensors' names.</summary>
    /// <exception cref="InvalidDataException">The family is unknown or cannot be told.</exception>
    public EncoderFamily Family(IReadOnlySet<string> tensorNames)
    {
        if (Text("model_type") is { } type)
            return Families.Where(known => known.Prefix == type).Select(known => (EncoderFamily?)known.Family).FirstOrDefault()
                ?? throw Bad($"model_type '{type}' is not built here, known are {string.Join(", ", Families.Select(known => known.Prefix))}");
        if (ArchitectureName() is { } name && Electra.Model.Architecture.Find(name) is { } architecture) return architecture.Family;
        foreach (var (family, prefix) in Families)
            if (tensorNames.Any(tensor => tensor.StartsWith($"{prefix}.", StringComparison.Ordinal))) return family;
        throw Bad($"model_type is missing; add one of {string.Join(", ", Families.Select(known => known.Prefix))}");
    }

    /// <summary>From <c>architectures</c>, else the one whose head the tensors belong to.</summary>
    public Architecture Architecture(EncoderFamily family, IReadOnlySet<string> tensorNames, List<string> notes)
    {
        var name = ArchitectureName();
        if (name is not null && Electra.Model.Architecture.Find(name) is { } known)
            return known.Family == family ? known : throw Bad($"architectures names {name}, model_type says {Electra.Model.Architecture.PrefixOf(family)}");
        var guess = Guess(family, tensorNames);
        notes.Add(name is null ? $"config.json names no architecture; its tensors are those of {guess}" : $"{name} is not built here; read as {guess}");
        return guess;
    }

    /// <summary>Everything else. Missing keys must have been filled.</summary>
    /// <exception cref="InvalidDataException">A value is ill-typed, impossible or not built here.</exception>
    public NetworkConfig Network(Architecture architecture)
    {
        foreach (var (key, plain) in Unsupported)
            if (json[key] is { } value && value.ToJsonString() != plain) throw Bad($"{key} is {Shown(value)}, only {plain} is built here");
        if (TensorNames.TiedNames(architecture).Count > 0 && json["tie_word_embeddings"]?.GetValueKind() == JsonValueKind.False)
            throw Bad($"tie_word_embeddings is false, {architecture} is built here with its output tied to the word table only");
        var hiddenSize = Whole("hidden_size");
        var encoder = new EncoderConfig(
            architecture.Family, Whole("vocab_size"), architecture.Family == EncoderFamily.Electra ? Whole("embedding_size") : hiddenSize, hiddenSize,
            Whole("num_hidden_layers"), Whole("num_attention_heads"), Whole("intermediate_size"), Text("hidden_act") ?? "",
            Real("hidden_dropout_prob"), Real("attention_probs_dropout_prob"), Whole("max_position_embeddings"), Whole("type_vocab_size"),
            Real("initializer_range"), Real("layer_norm_eps"), json["pad_token_id"] is null ? 0 : Whole("pad_token_id"));
        if (encoder.Problems().FirstOrDefault() is { } problem) throw Bad(problem);
        if (encoder.NumHiddenLayers > MaxLayers) throw Bad($"num_hidden_layers is {encoder.NumHiddenLayers:N0}, at most {MaxLayers} are built");
        double? dropout = json["classifier_dropout"] is null ? null : Real("classifier_dropout");
        if (dropout is < 0 or >= 1) throw Bad($"classifier_dropout is {dropout}, it must lie in [0, 1)");
        return new NetworkConfig(architecture, encoder, Labels(), dropout, Problem());
    }

    /// <summary>Puts what the network says under its keys; a key that says so already keeps its exact text.</summary>
    public static void Write(JsonObject json, NetworkConfig network)
    {
        var encoder = network.Encoder;
        var labels = network.Labels;
        (string Key, JsonNode? Value)[] fields =
        [
            ("architectures", new JsonArray(network.Architecture.Name)), ("model_type", network.Architecture.Prefix),
            ("vocab_size", encoder.VocabSize), ("hidden_size", encoder.HiddenSize), ("num_hidden_layers", encoder.NumHiddenLayers),
            ("num_attention_heads", encoder.NumAttentionHeads), ("intermediate_size", encoder.IntermediateSize), ("hidden_act", encoder.HiddenAct),
            ("hidden_dropout_prob", encoder.HiddenDropoutProb), ("attention_probs_dropout_prob", encoder.AttentionProbsDropoutProb),
            ("max_position_embeddings", encoder.MaxPositionEmbeddings), ("type_vocab_size", encoder.TypeVocabSize),
            ("initializer_range", encoder.InitializerRange), ("layer_norm_eps", encoder.LayerNormEps), ("pad_token_id", encoder.PadTokenId),
            ("classifier_dropout", network.ClassifierDropout),
            ("id2label", new JsonObject(labels.Select((label, id) => KeyValuePair.Create($"{id}", (JsonNode?)label)))),
            ("label2id", new JsonObject(labels.Select((label, id) => KeyValuePair.Create(label, (JsonNode?)id)).DistinctBy(pair => pair.Key))),
        ];
        foreach (var (key, value) in fields) Set(json, key, value);
        if (encoder.Family == EncoderFamily.Electra) Set(json, "embedding_size", encoder.EmbeddingSize);
        if (network.ProblemType is { } problem) Set(json, "problem_type", Array.Find(ProblemTypes, known => known.Problem == problem).Name);
    }

    static void Set(JsonObject json, string key, JsonNode? value)
    {
        if (!json.TryGetPropertyValue(key, out var old) || !JsonNode.DeepEquals(old, value)) json[key] = value;
    }

    static Architecture Guess(EncoderFamily family, IReadOnlySet<string> tensorNames)
    {
        var known = Electra.Model.Architecture.All.Where(architecture => architecture.Family == family).ToList();
        bool Has(string part) => tensorNames.Any(name => name.StartsWith(part, StringComparison.Ordinal));
        var head = family switch
        {
            EncoderFamily.Electra when Has("discriminator_predictions.") => HeadKind.ReplacedToken,
            EncoderFamily.Electra when Has("generator_predictions.") => HeadKind.MaskedLanguageModel,
            EncoderFamily.Bert when Has("cls.seq_relationship.") => HeadKind.MaskedLanguageModelAndNextSentence,
            EncoderFamily.Bert when Has("cls.predictions.") => HeadKind.MaskedLanguageModel,
            EncoderFamily.Roberta when Has("lm_head.") => HeadKind.MaskedLanguageModel,
            _ when Has("qa_outputs.") => HeadKind.QuestionAnswering,
            _ when Has("joint_qa.") => HeadKind.JointQuestionAnswering,
            _ => HeadKind.None,
        };
        return known.Single(architecture => architecture.Head == head);
    }

    IReadOnlyList<string> Labels()
    {
        if (json["id2label"] is JsonObject names) return Ordered(names.Select(pair => (pair.Key, TextOf($"id2label.{pair.Key}", pair.Value))));
        if (json["id2label"] is { } odd) throw Bad($"id2label is {Shown(odd)}, it must be an object from ids to names");
        if (json["label2id"] is JsonObject ids) return Ordered(ids.Select(pair => ($"{WholeOf($"label2id.{pair.Key}", pair.Value)}", pair.Key)));
        if (json["num_labels"] is null) return NetworkConfig.DefaultLabels;
        var count = Whole("num_labels");
        if (count is < 1 or > MaxLabels) throw Bad($"num_labels is {count:N0}, it must lie in 1 to {MaxLabels:N0}");
        return [.. Enumerable.Range(0, count).Select(id => $"LABEL_{id}")];
    }

    string[] Ordered(IEnumerable<(string Id, string Label)> pairs)
    {
        var list = pairs.ToList();
        if (list.Count is 0 or > MaxLabels) throw Bad($"id2label names {list.Count:N0} labels, it must name 1 to {MaxLabels:N0}");
        var labels = new string?[list.Count];
        foreach (var (id, label) in list)
        {
            if (!int.TryParse(id, out var index) || (uint)index >= (uint)labels.Length || labels[index] is not null)
                throw Bad($"the labels' ids must run from 0 to {labels.Length - 1}, '{SafetensorsHeader.Shown(id)}' does not fit");
            labels[index] = label;
        }
        return [.. labels.OfType<string>()];
    }

    ProblemType? Problem()
    {
        if (Text("problem_type") is not { } name) return null;
        foreach (var (problem, known) in ProblemTypes)
            if (known == name) return problem;
        throw Bad($"problem_type '{name}' is unknown, known are {string.Join(", ", ProblemTypes.Select(known => known.Name))}");
    }

    string? ArchitectureName() => json["architectures"] switch
    {
        null or JsonArray { Count: 0 } => null,
        JsonArray names => TextOf("architectures", names[0]),
        var odd => throw Bad($"architectures is {Shown(odd)}, it must be a list of names"),
    };

    string? Text(string key) => json[key] is { } value ? TextOf(key, value) : null;

    string TextOf(string key, JsonNode? value) => value?.GetValueKind() == JsonValueKind.String
        ? value.GetValue<string>()
        : throw Bad($"{SafetensorsHeader.Shown(key)} is {Shown(value)}, it must be text");

    int Whole(string key) => WholeOf(key, json[key]);

    int WholeOf(string key, JsonNode? value)
    {
        if (value is not JsonValue number || number.GetValueKind() != JsonValueKind.Number || !number.TryGetValue(out int whole))
            throw Bad($"{SafetensorsHeader.Shown(key)} is {Shown(value)}, it must be a whole number");
        return Math.Abs((long)whole) <= MaxSize ? whole : throw Bad($"{SafetensorsHeader.Shown(key)} is {whole:N0}, at most {MaxSize:N0} is built");
    }

    double Real(string key) => json[key] is JsonValue number && number.GetValueKind() == JsonValueKind.Number && number.TryGetValue(out double real)
        ? real
        : throw Bad($"{key} is {Shown(json[key])}, it must be a number");

    static string Shown(JsonNode? value) => SafetensorsHeader.Shown(value?.ToJsonString() ?? "null");

    InvalidDataException Bad(string what) => new($"{path}: {what}.");
}
