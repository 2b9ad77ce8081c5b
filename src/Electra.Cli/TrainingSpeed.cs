using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Electra.Cli;

/// <summary>The speed of a training loop, step by step.</summary>
sealed record TrainingSpeed : NetworkSpeed
{
    TrainingSpeed(NetworkSpeed speed) : base(speed) { }

    /// <summary>Timed steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Rows of a step.</summary>
    public required int Batch { get; init; }

    /// <summary>Real tokens of a row, on average.</summary>
    public required double TokensPerRow { get; init; }

    /// <summary>As a person or, on demand, a machine reads it.</summary>
    public string ToText(bool asJson) => asJson
        ? JsonSerializer.Serialize(this, TrainingSpeedJson.Default.TrainingSpeed)
        : $"{Rate($"{Steps} steps")}, {TokensPerRow:F1} tokens a row, {Batch} rows a step\n{UtilisationAndMemory}";

    /// <summary>Takes the time between consecutive steps: data, passes, optimizer and logging.</summary>
    public sealed class Clock
    {
        readonly List<Timing> _steps = [];
        long _last = Stopwatch.GetTimestamp();
        double _tokens, _flops;

        /// <summary>A step begins, after something that is not to be counted.</summary>
        public void Restart() => _last = Stopwatch.GetTimestamp();

        /// <summary>A step has ended.</summary>
        /// <param name="metrics">Its line of the log.</param>
        public void Add(IReadOnlyDictionary<string, double> metrics)
        {
            _steps.Add(new Timing(metrics["tokens_seen"] - _tokens, metrics["flops"] - _flops, Stopwatch.GetElapsedTime(_last).TotalSeconds));
            (_tokens, _flops) = (metrics["tokens_seen"], metrics["flops"]);
            Restart();
        }

        /// <summary>The speed of all steps but the first.</summary>
        public TrainingSpeed Speed(int warmup, int batch, double gemmGflops, string machine)
        {
            var counted = _steps.Skip(warmup).ToList();
            return new TrainingSpeed(Of(counted, gemmGflops, machine)) { Steps = counted.Count, Batch = batch, TokensPerRow = counted.Average(step => step.Tokens) / batch };
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(TrainingSpeed))]
sealed partial class TrainingSpeedJson : JsonSerializerContext;
