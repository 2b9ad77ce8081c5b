using Electra.Model;
using Electra.Numerics;
using Electra.Objectives;
using Electra.Tokenization;
using TorchSharp;

namespace Electra.Pretraining;

/// <summary>From a recipe to an objective with its networks: the one place that knows them all.</summary>
static class PretrainingObjectives
{
    /// <summary>Declares the networks, their weights zero, on the GPU if there is one, and by the explicit kernels where they serve.</summary>
    /// <param name="usesKernels">False keeps to plain torch operations.</param>
    public static IPretrainingObjective Build(PretrainingRecipe recipe, ITokenizer tokenizer, bool usesKernels = true)
    {
        var device = ComputeDevice.InUse;
        var precision = RunEnvironment.PrecisionOf(recipe);
        var encoder = recipe.Model.Encoder(tokenizer.Vocabulary.Count, tokenizer.SpecialTokens.Padding);
        var generator = recipe.Model.Generator is null ? null : recipe.Model.GeneratorEncoder(encoder);
        var sharing = recipe.Model.Generator?.Sharing ?? GeneratorSharing.Embeddings;
        switch (recipe.Objective)
        {
            case ReplacedTokenDetectionConfig detection:
                var networks = new ElectraNetworks(encoder, generator, precision, device, sharing);
                if (usesKernels) networks.UseKernels(torch.get_num_threads());
                return new ReplacedTokenDetection(networks, detection, tokenizer.SpecialTokens);
            case MaskedLanguageModellingConfig modelling:
                var head = modelling.NextSentence ? HeadKind.MaskedLanguageModelAndNextSentence : HeadKind.MaskedLanguageModel;
                var network = new PretrainedNetwork(new NetworkConfig(Architecture.Of(encoder.Family, head), encoder), precision, device);
                if (usesKernels) network.UsePretrainingKernels(torch.get_num_threads());
                return new MaskedLanguageModelling(network, modelling);
            case ReplacedLanguageModellingConfig replaced when generator is not null:
                var pair = new LanguageModelPair(encoder, generator, sharing, replaced.PredictsAllTokens, precision, device);
                if (usesKernels) pair.UseKernels(torch.get_num_threads());
                return new ReplacedLanguageModelling(pair, replaced);
            default:
                throw new InvalidOperationException($"No objective is built for {recipe.Objective.GetType().Name}.");
        }
    }
}
