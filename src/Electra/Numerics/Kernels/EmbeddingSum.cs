using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>dropout(LayerNorm(word + position + type)) for every token, and its gradient.</summary>
readonly unsafe struct EmbeddingSum<T> where T : unmanaged, IElement<T>
{
    /// <summary>(vocabulary, width), (positions, width), (types, width).</summary>
    public float* Words { get; init; }

    /// <inheritdoc cref="Words"/>
    public float* PositionTable { get; init; }

    /// <inheritdoc cref="Words"/>
    public float* TypeTable { get; init; }

    /// <summary>(width): scale and shift of the normalisation.</summary>
    public float* Weight { get; init; }

    /// <inheritdoc cref="Weight"/>
    public float* Shift { get; init; }

    /// <summary>(T, width) and (T): kept for the backward pass; null where there is none.</summary>
    public T* Normalized { get; init; }

    /// <inheritdoc cref="Normalized"/>
    public float* InverseDeviation { get; init; }

    /// <summary>(T): ids, positions and types.</summary>
    public int* Ids { get; init; }

    /// <inheritdoc cref="Ids"/>
    public int* Positions { get; init; }

    /// <inheritdoc cref="Ids"/>
    public int* Types { get; init; }

    public int Width { get; init; }

    public float Epsilon { get; init; }

    public RowDropout Dropout { get; init; }

    /// <param name="output">(T, width).</param>
    /// <param name="tokens">T.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(T* output, int tokens)
    {
        var row = stackalloc float[Width];
        for (var token = 0; token < tokens; token++, output += Width)
        {
            var word = Words + (nint)Ids[token] * Width;
            var position = PositionTable + (nint)Positions[token] * Width;
            var type = TypeTable + (nint)Types[token] * Width;
            var j = 0;
            for (; j + Lanes.Count <= Width; j += Lanes.Count)
                (Vector512.Load(word + j) + Vector512.Load(position + j) + Vector512.Load(type + j)).Store(row + j);
            for (; j < Width; j++) row[j] = word[j] + position[j] + type[j];
            InverseDeviation[token] = LayerNorm.Forward(row, Weight, Shift, Normalized == null ? null : Normalized + (nint)token * Width, Width, Epsilon);
            Drop(row, token);
            Conversion.FromFloats(row, output, Width);
        }
    }

    /// <summary>Turns the output's gradient into the embeddings' own, and adds to the tables' gradients but the words'.</summary>
    /// <param name="gradient">(T, width), replaced by the gradient of each token's word embedding.</param>
    /// <param name="tokens">T.</param>
    /// <param name="positionGradient">(positions, width), added to.</param>
    /// <param name="typeGradient">(types, width), added to.</param>
    /// <param name="weightGradient">(width), added to.</param>
    /// <param name="shiftGradient">(width), added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(
        float* gradient, int tokens, float* positionGradient, float* typeGradient, float* weightGradient, float* shiftGradient)
    {
        for (var token = 0; token < tokens; token++, gradient += Width)
        {
            Drop(gradient, token);
            LayerNorm.Backward(gradient, Normalized + (nint)token * Width, InverseDeviation[token], Weight, weightGradient, shiftGradient, Width);
            RowSums.Add(gradient, positionGradient + (nint)Positions[token] * Width, Width);
            RowSums.Add(gradient, typeGradient + (nint)Types[token] * Width, Width);
        }
    }

    void Drop(float* row, int token)
    {
        if (!Dropout.IsActive) return;
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        var j = 0;
        for (; j + Lanes.Count <= Width; j += Lanes.Count) (Vector512.Load(row + j) * Dropout.Factors(key, element + (uint)j)).Store(row + j);
        for (; j < Width; j++) row[j] *= Dropout.Factor(key, element + (uint)j);
    }
}

/// <summary>The gradient of a lookup.</summary>
static unsafe class WordScatter
{
    /// <summary>Adds every token's gradient to the rows of the word table that a share of the workers owns, in the tokens' order.</summary>
    /// <param name="ids">(T).</param>
    /// <param name="gradient">(T, width).</param>
    /// <param name="table">(vocabulary, width), added to.</param>
    /// <param name="share">Ids with id mod <paramref name="shares"/> = share are treated.</param>
    public static void Add(ReadOnlySpan<int> ids, float* gradient, float* table, int width, int share, int shares)
    {
        foreach (var id in ids)
        {
            if (id % shares == share) RowSums.Add(gradient, table + (nint)id * width, width);
            gradient += width;
        }
    }
}
