namespace Electra.Numerics.Kernels;

/// <summary>The packed matrices of one layer.</summary>
sealed record LayerWeights<T>(PackedMatrix<T> QueryKeyValue, PackedMatrix<T> AttentionOutput, PackedMatrix<T> Intermediate, PackedMatrix<T> Output)
    where T : unmanaged, IElement<T>;

/// <summary>An encoder's matrices, packed once for all passes until the parameters change.</summary>
sealed unsafe class EncoderWeights<T> : IDisposable where T : unmanaged, IElement<T>
{
    readonly List<(PackedMatrix<T> Matrix, long Offset)> _matrices = [];
    readonly WorkerTeam _team;
    readonly (int Matrix, int Part)[] _parts;
    readonly NativeBuffer[] _scratch;
    bool _packsForward, _packsBackward;

    /// <param name="shape">The encoder's sizes.</param>
    /// <param name="offsets">Where its matrices lie.</param>
    /// <param name="team">The threads that pack.</param>
    public EncoderWeights(EncoderShape shape, EncoderOffsets offsets, WorkerTeam team)
    {
        _team = team;
        var (h, f) = (shape.HiddenSize, shape.IntermediateSize);
        if (shape.HasProjection) Projection = Take(shape.EmbeddingSize, h, offsets.ProjectionWeight);
        Layers = [.. offsets.Layers.Select(layer => new LayerWeights<T>(
            Take(h, 3 * h, layer.QueryKeyValueWeight), Take(h, h, layer.AttentionOutputWeight),
            Take(h, f, layer.IntermediateWeight), Take(f, h, layer.OutputWeight)))];
        _parts = [.. _matrices.SelectMany((entry, matrix) => Enumerable.Range(0, entry.Matrix.Parts).Select(part => (matrix, part)))];
        _scratch = [.. Enumerable.Range(0, team.NumWorkers).Select(_ => NativeBuffer.Of<T>(PackedMatrix<T>.ScratchLength(_matrices.Max(entry => entry.Matrix.Inputs))))];
    }

    /// <summary>From the embeddings to the hidden size; null where they are equal.</summary>
    public PackedMatrix<T>? Projection { get; }

    public IReadOnlyList<LayerWeights<T>> Layers { get; }

    /// <summary>Packs the matrices unless they are packed and unchanged.</summary>
    /// <param name="parameters">The flat buffer.</param>
    /// <param name="wantsBackward">True where gradients of inputs will be taken.</param>
    /// <param name="isUnchanged">True where the parameters are those of the last call.</param>
    public void Refresh(float* parameters, bool wantsBackward, bool isUnchanged)
    {
        if (isUnchanged && _packsForward && (_packsBackward || !wantsBackward)) return;
        if (wantsBackward) foreach (var (matrix, _) in _matrices) matrix.PrepareBackward();
        _team.Run(worker =>
        {
            var share = new Share(0, _parts.Length).Part(worker, _team.NumWorkers);
            for (var i = share.First; i < share.End; i++)
            {
                var (matrix, offset) = _matrices[_parts[i].Matrix];
                matrix.Pack(parameters + offset, _parts[i].Part, wantsBackward, (T*)_scratch[worker].Start);
            }
        });
        (_packsForward, _packsBackward) = (true, wantsBackward);
    }

    public void Dispose()
    {
        foreach (var (matrix, _) in _matrices) matrix.Dispose();
        foreach (var scratch in _scratch) scratch.Dispose();
    }

    PackedMatrix<T> Take(int inputs, int outputs, long offset)
    {
        var matrix = new PackedMatrix<T>(inputs, outputs);
        _matrices.Add((matrix, offset));
        return matrix;
    }
}
