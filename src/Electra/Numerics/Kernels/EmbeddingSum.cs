using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Electra.Numerics.Kernels;

/// <summary>dropout(LayerNorm(word + position + type)) for every token, and its gradient.</summary>
readonly unsafe struct EmbeddingSum
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

    /// <summary>(T, width) and (T): kept for the backward pass.</summary>
    public float* Normalized { get; init; }

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
    public void Forward(float* output, int tokens)
    {
        for (var token = 0; token < tokens; token++, output += Width)
        {
            var word = Words + (nint)Ids[token] * Width;
            var position = PositionTable + (nint)Positions[token] * Width;
            var type = TypeTable + (nint)Types[token] * Width;
            var normalized = Normalized + (nint)token * Width;
            if (Width % Lanes.Count == 0)
            {
                for (var j = 0; j < Width; j += Lanes.Count)
                    (Vector256.Load(word + j) + Vector256.Load(position + j) + Vector256.Load(type + j)).Store(output + j);
            }
            else
            {
                for (var j = 0; j < Width; j++) output[j] = word[j] + position[j] + type[j];
            }
            InverseDeviation[token] = LayerNorm.Forward(output, Weight, Shift, normalized, output, Width, Epsilon);
            Drop(output, token);
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
            var normalized = Normalized + (nint)token * Width;
            LayerNorm.Backward(gradient, normalized, InverseDeviation[token], Weight, weightGradient, shiftGradient, Width);
            BiasAdd.Add(gradient, positionGradient + (nint)Positions[token] * Width, Width);
            BiasAdd.Add(gradient, typeGradient + (nint)Types[token] * Width, Width);
        }
    }

    /// <summary>Adds every token's gradient to the rows of the word table that a share of the workers owns, in the tokens' order.</summary>
    /// <param name="ids">(T).</param>
    /// <param name="gradient">(T, width).</param>
    /// <param name="table">(vocabulary, width), added to.</param>
    /// <param name="share">Ids with id mod <paramref name="shares"/> = share are treated.</param>
    public static void Scatter(ReadOnlySpan<int> ids, float* gradient, float* table, int width, int share, int shares)
    {
        foreach (var id in ids)
        {
            if (id % shares == share) BiasAdd.Add(gradient, table + (nint)id * width, width);
            gradient += width;
        }
    }

    void Drop(float* row, int token)
    {
        if (!Dropout.IsActive) return;
        var (key, element) = (Dropout.Key(token), Dropout.Element(token));
        var j = 0;
        for (; j + Lanes.Count <= Width; j += Lanes.Count) (Vector256.Load(row + j) * Dropout.Factors(key, element + (uint)j)).Store(row + j);
        for (; j < Width; j++) row[j] *= Dropout.Factor(key, element + (uint)j);
    }
}
