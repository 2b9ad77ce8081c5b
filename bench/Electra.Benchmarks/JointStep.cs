using System.Diagnostics;
using Electra.Numerics;
using Electra.Numerics.Kernels;

namespace Electra.Benchmarks;

/// <summary>The sizes of a joint step.</summary>
sealed record JointStepSize(
    string Name, int Rows, int Tokens, int Vocabulary, int EmbeddingSize, int NumLayers,
    int GeneratorHidden, int GeneratorHeads, int Hidden, int Heads, double Dropout = 0.1, float Temperature = 1);

/// <summary>One whole joint ELECTRA step over random tokens, on the explicit path: what the kernels make of the machine.</summary>
sealed unsafe class JointStep : IDisposable
{
    readonly JointStepSize _size;
    readonly WorkerTeam _team;
    readonly Precision _precision;
    readonly ParallelEncoder _generator, _discriminator;
    readonly MaskedTokenHead _maskedHead;
    readonly ReplacedTokenHead _replacedHead;
    readonly FlatAdamW _optimizer;
    readonly ParameterSegment[] _segments;
    readonly NativeBuffer _parameters, _gradients, _firstMoment, _secondMoment, _generatorHidden, _discriminatorHidden, _generatorGradient, _discriminatorGradient;
    readonly Random _random = new(1);
    readonly double[] _processorTime;
    long _step;

    public JointStep(JointStepSize size, int workers, Precision precision)
    {
        (_size, _team, _precision, _processorTime) = (size, new WorkerTeam(workers), precision, new double[workers]);
        var next = 0L;
        var names = new Dictionary<string, long>();
        long Take(string name, long length)
        {
            names.Add(name, next);
            next += Packing.RoundUp(length, 16);
            return names[name];
        }
        var (e, v) = (size.EmbeddingSize, size.Vocabulary);
        var words = Take("words", (long)v * e);
        _generator = Encoder("generator.", size.GeneratorHidden, size.GeneratorHeads);
        _discriminator = Encoder("discriminator.", size.Hidden, size.Heads);
        _maskedHead = new MaskedTokenHead(
            new(size.GeneratorHidden, e, v, 1e-12f, Take("m.d", (long)e * size.GeneratorHidden), Take("m.db", e), Take("m.n", e), Take("m.nb", e), words, Take("m.b", v)), _team, precision);
        _replacedHead = new ReplacedTokenHead(
            new(size.Hidden, Take("r.d", (long)size.Hidden * size.Hidden), Take("r.db", size.Hidden), Take("r.o", size.Hidden), Take("r.ob", 1)), _team, precision);
        _optimizer = new FlatAdamW(_team);
        _segments = [new(0, next, 5e-4f, 0.01f)];
        (_parameters, _gradients, _firstMoment, _secondMoment) = (new(next), new(next), new(next), new(next));
        for (var i = 0L; i < next; i++) _parameters.Start[i] = (_random.NextSingle() - 0.5f) * 0.07f;
        foreach (var (name, offset) in names)
            if (name.Contains("LayerNorm.weight")) new Span<float>(_parameters.Start + offset, 16).Fill(1);
        long tokens = (long)size.Rows * size.Tokens;
        (_generatorHidden, _generatorGradient) = (new(tokens * size.GeneratorHidden), new(tokens * size.GeneratorHidden));
        (_discriminatorHidden, _discriminatorGradient) = (new(tokens * size.Hidden), new(tokens * size.Hidden));

        ParallelEncoder Encoder(string prefix, int hidden, int heads)
        {
            var shape = new EncoderShape(v, 512, 2, e, hidden, size.NumLayers, heads, 4 * hidden);
            long h = hidden;
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
                long length = name switch
                {
                    _ when name.Contains("position") => 512 * e,
                    _ when name.Contains("token_type") => 2 * e,
                    _ when name.StartsWith("embeddings.LayerNorm") => e,
                    _ when name.Contains("LayerNorm") => h,
                    _ when name.Contains("project") => isBias ? h : h * e,
                    _ when name.Contains("intermediate") => isBias ? 4 * h : 4 * h * h,
                    _ when name.Contains("attention.output") => isBias ? h : h * h,
                    _ => isBias ? h : 4 * h * h,
                };
                return offsets[name] = Take(prefix + name, length);
            });
            return new ParallelEncoder(shape, own, _team, ParallelEncoder.Serves(shape, _precision) ? _precision : Precision.Float32);
        }
    }

    public double[] Phases { get; } = new double[8];

    public static string[] PhaseNames { get; } =
        ["batch", "generator forward", "masked head", "discriminator forward", "replaced head", "discriminator backward", "generator backward", "optimizer"];

    /// <summary>Floating point operations of the matrix products: backward counts twice, nothing recomputed counts.</summary>
    public double Flops
    {
        get
        {
            double t = (double)_size.Rows * _size.Tokens, e = _size.EmbeddingSize, masked = _size.Rows * NumMasked;
            double Encoder(double h) => _size.NumLayers * (24 * h * h + 4 * _size.Tokens * h) + (h == e ? 0 : 2 * h * e);
            var forward = t * (Encoder(_size.GeneratorHidden) + Encoder(_size.Hidden) + 2.0 * _size.Hidden * _size.Hidden)
                + masked * 2 * e * (_size.GeneratorHidden + _size.Vocabulary);
            return 3 * forward;
        }
    }

    int NumMasked => (int)(_size.Tokens * 0.15);

    /// <returns>Wall seconds, and processor seconds of the busiest worker.</returns>
    public (double Wall, double Processor, double GeneratorLoss, double DiscriminatorLoss) Run()
    {
        var (t, n) = (_size.Tokens, _size.Rows);
        var tokens = n * t;
        _step++;
        _team.Run(worker => _processorTime[worker] = -ThreadClock.Seconds);
        var start = Stopwatch.GetTimestamp();
        var last = start;

        var ids = Fill(tokens, _ => _random.Next(_size.Vocabulary));
        var starts = Fill(n + 1, row => row * t);
        long[] places = [.. Enumerable.Range(0, n)];
        var positionIds = Fill(tokens, i => i % t);
        var masked = Fill(n * NumMasked, i => i / NumMasked * t + i % NumMasked * 6 + _random.Next(6));
        var labels = Array.ConvertAll(masked, position => ids[position]);
        var uniforms = Array.ConvertAll(masked, _ => _random.NextSingle());
        var maskedIds = (int[])ids.Clone();
        foreach (var position in masked) maskedIds[position] = 103;
        Tick(0);

        var dropout = new EncoderDropout(_size.Dropout, _size.Dropout, 1, _step, 0);
        var types = new int[tokens];
        var pass = _generator.Forward(_parameters.Start, new TokenRows(maskedIds, types, positionIds, starts, places), dropout, true, _generatorHidden.Start);
        Tick(1);
        _generatorGradient.Clear();
        var result = _maskedHead.Run(
            _parameters.Start, _generatorHidden.Start, masked, labels, 1f / masked.Length, new TokenSampling(uniforms, _size.Temperature), _generatorGradient.Start, _gradients.Start);
        Tick(2);
        var corrupt = (int[])ids.Clone();
        for (var m = 0; m < masked.Length; m++) corrupt[masked[m]] = result.Samples[m];
        var isReplaced = corrupt.Zip(ids, (now, before) => now != before).ToArray();
        var discriminatorPass = _discriminator.Forward(
            _parameters.Start, new TokenRows(corrupt, types, positionIds, starts, places), dropout with { Encoder = 1 }, true, _discriminatorHidden.Start);
        Tick(3);
        var loss = _replacedHead.Run(
            _parameters.Start, _discriminatorHidden.Start, isReplaced, 50f / tokens, new float[tokens], _discriminatorGradient.Start, _gradients.Start);
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
