using System.Diagnostics;
using Electra.Numerics;
using Electra.Numerics.Kernels;
using EncoderConfig = Electra.Model.EncoderConfig;

namespace Electra.Benchmarks;

/// <summary>One whole joint ELECTRA step over random tokens, on the explicit path: what the kernels make of the machine.</summary>
sealed unsafe class JointStep : IDisposable
{
    readonly StepSize _size;
    readonly WorkerTeam _team;
    readonly Precision _precision;
    readonly ParallelEncoder _generator, _discriminator;
    readonly MaskedTokenHead _maskedHead;
    readonly ReplacedTokenKernel _replacedHead;
    readonly FlatAdamW _optimizer;
    readonly ParameterSegment[] _segments;
    readonly NativeBuffer _parameters, _gradients, _firstMoment, _secondMoment, _generatorHidden, _discriminatorHidden, _generatorGradient, _discriminatorGradient;
    readonly Random _random = new(1);
    readonly double[] _processorTime;
    long _step;

    public JointStep(StepSize size, int workers, Precision precision)
    {
        (_size, _team, _precision, _processorTime) = (size, new WorkerTeam(workers), precision, new double[workers]);
        var next = 0L;
        var ones = new List<(long Offset, long Length)>();
        long Take(string name, long length)
        {
            var offset = next;
            next += Float32Packing.RoundUp(length, 16);
            if (name.EndsWith("LayerNorm.weight")) ones.Add((offset, length));
            return offset;
        }
        var (generator, discriminator) = (size.Generator, size.Discriminator);
        var (e, v) = (generator.EmbeddingSize, generator.VocabSize);
        var words = Take("words", (long)v * e);
        _generator = Encoder("generator.", generator);
        _discriminator = Encoder("discriminator.", discriminator);
        _maskedHead = new MaskedTokenHead(
            new(generator.HiddenSize, e, v, (float)generator.LayerNormEps,
                Take("masked.dense.weight", (long)e * generator.HiddenSize), Take("masked.dense.bias", e),
                Take("masked.LayerNorm.weight", e), Take("masked.LayerNorm.bias", e), words, Take("masked.bias", v)), _team, precision);
        _replacedHead = new ReplacedTokenKernel(
            new(discriminator.HiddenSize, Take("replaced.dense.weight", (long)discriminator.HiddenSize * discriminator.HiddenSize),
                Take("replaced.dense.bias", discriminator.HiddenSize), Take("replaced.output.weight", discriminator.HiddenSize), Take("replaced.output.bias", 1)), _team, precision);
        _optimizer = new FlatAdamW(_team);
        _segments = [new(0, next, 5e-4f, 0.01f)];
        (_parameters, _gradients, _firstMoment, _secondMoment) = (new(next), new(next), new(next), new(next));
        for (var i = 0L; i < next; i++) _parameters.Start[i] = (_random.NextSingle() - 0.5f) * 0.07f;
        foreach (var (offset, length) in ones) new Span<float>(_parameters.Start + offset, (int)length).Fill(1);
        (_generatorHidden, _generatorGradient) = (new((long)size.NumTokens * generator.HiddenSize), new((long)size.NumTokens * generator.HiddenSize));
        (_discriminatorHidden, _discriminatorGradient) = (new((long)size.NumTokens * discriminator.HiddenSize), new((long)size.NumTokens * discriminator.HiddenSize));

        ParallelEncoder Encoder(string prefix, EncoderConfig config)
        {
            var shape = StepSize.ShapeOf(config);
            var (h, f) = ((long)shape.HiddenSize, (long)shape.IntermediateSize);
            var offsets = new Dictionary<string, long>();
            var own = EncoderOffsets.ByName(shape, name =>
            {
                if (name.Contains("word_embeddings")) return words;
                if (offsets.TryGetValue(name, out var known)) return known;
                var isBias = name.EndsWith("bias");
                if (name.Contains("self.query"))
                {
                    var block = Take(prefix + name, isBias ? 3 * h : 3 * h * h);
                    offsets[name.Replace("query", "key")] = block + (isBias ? h : h * h);
                    offsets[name.Replace("query", "value")] = block + 2 * (isBias ? h : h * h);
                    return offsets[name] = block;
                }
                var length = name switch
                {
                    _ when name.Contains("position") => (long)shape.MaxPositions * e,
                    _ when name.Contains("token_type") => (long)shape.TokenTypes * e,
                    _ when name.StartsWith("embeddings.LayerNorm") => e,
                    _ when name.Contains("LayerNorm") => h,
                    _ when name.Contains("project") => isBias ? h : h * e,
                    _ when name.Contains("intermediate") => isBias ? f : f * h,
                    _ when name.Contains("attention.output") => isBias ? h : h * h,
                    _ => isBias ? h : f * h,
                };
                return offsets[name] = Take(prefix + name, length);
            });
            return new ParallelEncoder(shape, own, _team, ParallelEncoder.Serves(shape, _precision) ? _precision : Precision.Float32);
        }
    }

    public double[] Phases { get; } = new double[8];

    public static string[] PhaseNames { get; } =
        ["batch", "generator forward", "masked head", "discriminator forward", "replaced head", "discriminator backward", "generator backward", "optimizer"];

    /// <returns>Wall seconds, and processor seconds of the busiest worker.</returns>
    public (double Wall, double Processor, double GeneratorLoss, double DiscriminatorLoss) Run()
    {
        var (t, n, tokens, numMasked, objective) = (_size.RowTokens, _size.Rows, _size.NumTokens, _size.RowMasked, _size.Objective);
        _step++;
        _team.Run(worker => _processorTime[worker] = -ThreadClock.Seconds);
        var start = Stopwatch.GetTimestamp();
        var last = start;

        var ids = Fill(tokens, _ => _random.Next(StepSize.Vocabulary));
        var starts = Fill(n + 1, row => row * t);
        long[] places = [.. Enumerable.Range(0, n)];
        var positionIds = Fill(tokens, i => i % t);
        var masked = Fill(n * numMasked, i => i / numMasked * t + i % numMasked * 6 + _random.Next(6));
        var labels = Array.ConvertAll(masked, position => ids[position]);
        var uniforms = Array.ConvertAll(masked, _ => _random.NextSingle());
        var maskedIds = (int[])ids.Clone();
        foreach (var position in masked) maskedIds[position] = 103;
        Tick(0);

        var dropout = new EncoderDropout(_size.Discriminator.HiddenDropoutProb, _size.Discriminator.AttentionProbsDropoutProb, 1, _step, 0);
        var types = new int[tokens];
        var pass = _generator.Forward(_parameters.Start, new TokenRows(maskedIds, types, positionIds, starts, places), dropout, true, _generatorHidden.Start);
        Tick(1);
        _generatorGradient.Clear();
        var result = _maskedHead.Run(
            _parameters.Start, _generatorHidden.Start, masked, labels, 1f / masked.Length, new TokenSampling(uniforms, (float)objective.Temperature), _generatorGradient.Start, _gradients.Start);
        Tick(2);
        var corrupt = (int[])ids.Clone();
        for (var m = 0; m < masked.Length; m++) corrupt[masked[m]] = result.Samples[m];
        var isReplaced = corrupt.Zip(ids, (now, before) => now != before).ToArray();
        var discriminatorPass = _discriminator.Forward(
            _parameters.Start, new TokenRows(corrupt, types, positionIds, starts, places), dropout with { Encoder = 1 }, true, _discriminatorHidden.Start);
        Tick(3);
        var loss = _replacedHead.Run(
            _parameters.Start, _discriminatorHidden.Start, isReplaced, (float)(objective.DiscriminatorWeight / tokens), new float[tokens], _discriminatorGradient.Start, _gradients.Start);
        Tick(4);
        _discriminator.Backward(discriminatorPass, _parameters.Start, _discriminatorGradient.Start, _gradients.Start);
        Tick(5);
        _generator.Backward(pass, _parameters.Start, _generatorGradient.Start, _gradients.Start);
        Tick(6);
        var norm = Math.Sqrt(_optimizer.SquaredNorm(_gradients.Start, _segments));
        _optimizer.Update(
            _parameters.Start, _gradients.Start, _firstMoment.Start, _secondMoment.Start, _segments, new AdamWSettings(), (float)Math.Min(1, 1 / norm), _step);
        Tick(7);
        var wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        _team.Run(worker => _processorTime[worker] += ThreadClock.Seconds);
        return (wall, _processorTime.Max(), result.LossSum / masked.Length, loss / tokens);

        void Tick(int phase)
        {
            var now = Stopwatch.GetTimestamp();
            Phases[phase] += Stopwatch.GetElapsedTime(last, now).TotalSeconds;
            last = now;
        }
    }

    public void Dispose()
    {
        _generator.Dispose();
        _discriminator.Dispose();
        _maskedHead.Dispose();
        _replacedHead.Dispose();
        foreach (var buffer in new[] { _parameters, _gradients, _firstMoment, _secondMoment, _generatorHidden, _discriminatorHidden, _generatorGradient, _discriminatorGradient })
            buffer.Dispose();
        _team.Dispose();
    }

    static int[] Fill(int length, Func<int, int> value)
    {
        var result = new int[length];
        for (var i = 0; i < length; i++) result[i] = value(i);
        return result;
    }
}
