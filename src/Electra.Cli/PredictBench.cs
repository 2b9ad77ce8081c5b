using System.CommandLine;
using Electra.FineTuning;
using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Numerics;

namespace Electra.Cli;

/// <summary><c>electra bench predict</c>: what <c>predict</c> does, timed from text to classes.</summary>
static class PredictBench
{
    public static Command Create() => InferenceSpeed.Command(
        "predict", "Tokens per second and utilisation of prediction, at base size unless a model is given.", BenchedClassifier.ModelOption(), numSentences: 500, Run);

    static InferenceSpeed Run(string? directory, int numSentences, int runs, MachineRate machine)
    {
        TorchLibrary.EnsureLoaded();
        var (config, tokenizer, maxLength) = BenchedClassifier.Of(directory);
        var precision = InferencePrecision.Choose();
        var network = new PretrainedNetwork(config, precision, ComputeDevice.InUse);
        network.Initialize(seed: 0);
        using var model = TaskModel.Of(network, tokenizer, BenchedClassifier.Task, new TaskModelSettings(maxLength));
        var examples = BundledSentences.Read(numSentences).Select((text, i) => (TaskExample)new TextExample($"{i}", new SourceLine("bundled", i + 1), text)).ToList();
        var rows = new TaskEncoder(BenchedClassifier.Task, model.Labels, tokenizer, maxLength).EncodeAll(examples);
        return InferenceSpeed.Measure(
            examples, Predict, rows.Sum(row => (long)row.Length),
            rows.Sum(row => ForwardFlops.Encoder(config.Encoder, row.Length) + ForwardFlops.TaskHead(config, row.Length)),
            runs, machine, ComputeDevice.Describe(precision, model.Network.Encoder.KernelPrecision));

        // Predictions are made as they are asked for.
        void Predict(IReadOnlyList<TaskExample> part) => _ = new TaskPredictor(model).Predict(part.Select(InputRow.Of)).Sum(window => window.Count);
    }
}
