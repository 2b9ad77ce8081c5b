using Electra.Numerics.Kernels;
using Electra.Randomness;

namespace Electra.Benchmarks;

/// <summary>The kernels of a step in one format, ready to be called.</summary>
public interface IStepKernels : IDisposable
{
    void ForwardGelu();
    void ForwardNorm();
    void BackwardGelu();
    void BackwardNorm();
    void BackwardWeight();
    void Attention();
    void AttentionBackward();
    void Pack();
    void PackRows();
    void ColumnSums();
    void Embeddings();
    void EmbeddingsBackward();
    void ReplacedHead();
    void Vocabulary();
    void AdamW();
}

/// <inheritdoc cref="IStepKernels"/>
public sealed class BFloat16Kernels() : Forwarding(new StepKernels<BFloat16>());

/// <inheritdoc cref="IStepKernels"/>
public sealed class Float32Kernels() : Forwarding(new StepKernels<Float32>());

/// <summary>Hides the format, which is not public, from BenchmarkDotNet.</summary>
public abstract class Forwarding(IStepKernels kernels) : IStepKernels
{
    public void ForwardGelu() => kernels.ForwardGelu();
    public void ForwardNorm() => kernels.ForwardNorm();
    public void BackwardGelu() => kernels.BackwardGelu();
    public void BackwardNorm() => kernels.BackwardNorm();
    public void BackwardWeight() => kernels.BackwardWeight();
    public void Attention() => kernels.Attention();
    public void AttentionBackward() => kernels.AttentionBackward();
    public void Pack() => kernels.Pack();
    public void PackRows() => kernels.PackRows();
    public void ColumnSums() => kernels.ColumnSums();
    public void Embeddings() => kernels.Embeddings();
    public void EmbeddingsBackward() => kernels.EmbeddingsBackward();
    public void ReplacedHead() => kernels.ReplacedHead();
    public void Vocabulary() => kernels.Vocabulary();
    public void AdamW() => kernels.AdamW();

    public void Dispose()
    {
        kernels.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>Shapes of one worker's half of an ELECTRA-small step: 16 rows of 128 tokens.</summary>
sealed unsafe class StepKernels<T> : IStepKernels where T : unmanaged, IElement<T>
{
    const int Rows = 16, RowTokens = 128, Tokens = Rows * RowTokens, Hidden = 256, Intermediate = 1024, HeadSize = 64, Embedding = 128, NumWords = 8192, Columns = 30528;

    readonly NativeBuffer _wide = AttentionReport.Random<T>((Tokens + 16) * Intermediate, 1), _otherWide = AttentionReport.Random<T>((Tokens + 16) * Intermediate, 2),
        _narrow = AttentionReport.Random<T>((Tokens + 16) * Hidden, 3), _otherNarrow = AttentionReport.Random<T>((Tokens + 16) * Hidden, 4),
        _result = AttentionReport.Random<T>((Tokens + 16) * Intermediate, 5), _otherResult = AttentionReport.Random<T>((Tokens + 16) * Intermediate, 6);

    readonly NativeBuffer _floats = GemmComparison.Random(Tokens * Intermediate, 7), _moments = GemmComparison.Random(1 << 20, 9),
        _scratch = new(1 << 20), _noBias = new(Columns), _embeddingGradient = new(Tokens * Embedding), _words = new(NumWords * Embedding);

    readonly PackedMatrix<T> _up = new(Hidden, Intermediate), _down = new(Intermediate, Hidden);
    readonly LinearKernel<T> _linear = new(Intermediate, Intermediate, Tokens);
    readonly AttentionHead<T> _attention = new(HeadSize, RowTokens);
    readonly WorkerTeam _alone = new(1);
    readonly ReplacedTokenPass<T> _replacedHead;
    readonly bool[] _labels = new bool[Tokens];
    readonly float[] _logits = new float[Tokens];
    readonly int[] _ids = GC.AllocateArray<int>(Tokens, pinned: true), _types = GC.AllocateArray<int>(Tokens, pinned: true);
    readonly int[] _indices = GC.AllocateArray<int>(Tokens, pinned: true);
    readonly uint[] _keys = GC.AllocateArray<uint>(Tokens, pinned: true);

    public StepKernels()
    {
        for (var token = 0; token < Tokens; token++) (_indices[token], _ids[token], _labels[token]) = (token % RowTokens, token * 7919 % NumWords, token % 10 == 0);
        _replacedHead = new ReplacedTokenPass<T>(new ReplacedTokenHeadShape(Hidden, 0, Hidden * Hidden, (Hidden + 1) * Hidden, (Hidden + 2) * Hidden), _alone);
        foreach (ref var moment in _moments.Span) moment = MathF.Abs(moment);    // a second moment is a mean of squares
        _up.PrepareBackward();
        _down.PrepareBackward();
        Pack();
        for (var part = 0; part < _down.Parts; part++) _down.Pack(_floats.Start, part, true, (T*)_scratch.Start);
    }

    public void ForwardGelu() => _linear.Forward(
        (T*)_narrow.Start, _up, Tokens, new Gelu<T> { Bias = _floats.Start, Input = (T*)_result.Start, Output = (T*)_otherResult.Start, Width = Intermediate });

    public void ForwardNorm() => _linear.Forward((T*)_wide.Start, _down, Tokens, new ResidualNorm<T>
    {
        Bias = _floats.Start, Residual = (T*)_narrow.Start, Weight = _floats.Start, Shift = _floats.Start, Normalized = (T*)_result.Start,
        Output = (T*)_otherResult.Start, InverseDeviation = _scratch.Start, Width = Hidden, Epsilon = 1e-12f, Dropout = Dropout(),
    });

    public void BackwardGelu() => _linear.BackwardInput((T*)_narrow.Start, _down, Tokens, new GeluBackward<T>
    {
        Input = (T*)_wide.Start, Activation = (T*)_result.Start, Gradient = (T*)_otherResult.Start, BiasGradient = _scratch.Start, Width = Intermediate,
    });

    public void BackwardNorm() => _linear.BackwardInput((T*)_wide.Start, _up, Tokens, new ResidualNormBackward<T>
    {
        Gradient = (T*)_result.Start, AddsResidual = true, ProductGradient = (T*)_otherResult.Start, Normalized = (T*)_narrow.Start,
        InverseDeviation = _floats.Start, Weight = _floats.Start, WeightGradient = _scratch.Start, ShiftGradient = _scratch.Start + Hidden,
        BiasGradient = _scratch.Start + 2 * Hidden, Width = Hidden, Dropout = Dropout(),
    });

    public void BackwardWeight() => _linear.BackwardWeight((T*)_wide.Start, (T*)_narrow.Start, _scratch.Start, Tokens, Hidden, Intermediate);

    public void Attention() => EachHead((view, head) =>
        _attention.Forward(view, (T*)_result.Start, _scratch.Start, new AttentionDropout(1, head, 0.1)));

    public void AttentionBackward() => EachHead((view, head) =>
        _attention.Backward(
            view, new HeadView<T>((T*)_result.Start, RowTokens, Hidden, HeadSize, head), (T*)_narrow.Start, (T*)_otherNarrow.Start, _floats.Start,
            new AttentionDropout(1, head, 0.1)));

    public void Pack()
    {
        for (var part = 0; part < _up.Parts; part++) _up.Pack(_floats.Start, part, true, (T*)_scratch.Start);
    }

    public void PackRows() => T.PackRows((T*)_narrow.Start, Hidden, Tokens, Hidden, (T*)_result.Start, 0, Tokens);

    public void ColumnSums() => RowSums.AddColumns((T*)_wide.Start, Intermediate, Tokens, Intermediate, _scratch.Start);

    public void Embeddings() => Sum().Forward((T*)_otherResult.Start, Tokens);

    // The gradient is replaced by that of the words: each call begins with the same.
    public void EmbeddingsBackward()
    {
        _floats.Span[..(Tokens * Embedding)].CopyTo(_embeddingGradient.Span);
        Sum().Backward(
            _embeddingGradient.Start, Tokens, _scratch.Start + Tokens, _scratch.Start + Tokens + RowTokens * Embedding, _scratch.Start, _scratch.Start + Embedding);
        WordScatter.Add(_ids, _embeddingGradient.Start, _words.Start, Embedding, share: 0, shares: 1);
    }

    public void ReplacedHead() => _replacedHead.Run(
        _moments.Start, _floats.Start, _labels, 1f / Tokens, _logits, _floats.Start + Tokens * Hidden, _scratch.Start, version: 1);

    // A bias of zeros: the sum goes into the logits, which another would make larger at every call.
    public void Vocabulary()
    {
        var largest = _scratch.Start;
        var blockSums = _scratch.Start + Lanes.Count;
        new Span<float>(largest, Lanes.Count).Fill(float.NegativeInfinity);
        VocabularyRow.AddBias(_floats.Start, _noBias.Start, Columns, largest);
        var highest = VocabularyRow.Largest(largest, Lanes.Count);
        var total = VocabularyRow.Exponentials(_floats.Start, _floats.Start + Columns, Columns, highest, 1, blockSums);
        VocabularyRow.Draw(_floats.Start + Columns, Columns, blockSums, total, 0.5f);
        VocabularyRow.Gradient(_floats.Start + Columns, (T*)_result.Start, Columns, 7, (float)(1 / total), 1);
    }

    // The gradient is cleared by the first call: decays of 1 and a rate of 0 leave moments and parameters as they are for the next.
    public void AdamW() => FlatAdamW.Update(
        _moments.Start, _moments.Start + (1 << 16), _moments.Start + (2 << 16), _moments.Start + (3 << 16),
        new ParameterSegment(0, 65536, LearningRate: 0, WeightDecay: 0.01f), new AdamWSettings(Beta1: 1, Beta2: 1), 1, 1);

    public void Dispose()
    {
        foreach (var buffer in new[] { _wide, _otherWide, _narrow, _otherNarrow, _result, _otherResult, _floats, _moments, _scratch, _noBias, _embeddingGradient, _words }) buffer.Dispose();
        _up.Dispose();
        _down.Dispose();
        _linear.Dispose();
        _attention.Dispose();
        _replacedHead.Dispose();
        _alone.Dispose();
    }

    EmbeddingSum<T> Sum() => new()
    {
        Words = _floats.Start, PositionTable = _moments.Start, TypeTable = _moments.Start, Weight = _floats.Start, Shift = _floats.Start,
        Normalized = (T*)_result.Start, InverseDeviation = _scratch.Start + (1 << 19), Ids = Address(_ids), Positions = Address(_indices), Types = Address(_types),
        Width = Embedding, Epsilon = 1e-12f, Dropout = Dropout(Embedding),
    };

    RowDropout Dropout(int width = Hidden) => new((uint*)Address(_keys), Address(_indices), DropoutMask.HiddenThreshold(0.1), width);

    static int* Address(Array pinned) => (int*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);

    void EachHead(Action<HeadView<T>, int> action)
    {
        for (var row = 0; row < Rows; row++)
            for (var head = 0; head < Hidden / HeadSize; head++)
                action(new HeadView<T>((T*)_wide.Start + (nint)row * RowTokens * 3 * Hidden, RowTokens, Hidden, HeadSize, head), head);
    }
}
