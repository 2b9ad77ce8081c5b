namespace Electra.Numerics.Kernels;

/// <summary>Loss, draw and gradient of one position after the other, from logits over the vocabulary: the softmax of one worker.</summary>
/// <param name="columns">Logits of a position, padding to a multiple of 16 included.</param>
/// <param name="vocabularySize">Those that are tokens.</param>
sealed unsafe class PositionLoss(int columns, int vocabularySize) : IDisposable
{
    readonly NativeBuffer _weights = new(columns), _blockSums = new(columns / VocabularyRow.SumBlock + 1);

    /// <summary>Losses since <see cref="Clear"/>, in nats.</summary>
    public double Sum { get; private set; }

    /// <summary>Positions since then whose label has the largest logit.</summary>
    public int NumCorrect { get; private set; }

    /// <summary>Begins anew.</summary>
    public void Clear() => (Sum, NumCorrect) = (0, 0);

    /// <summary>Takes one position.</summary>
    /// <param name="place">Which of all positions.</param>
    /// <param name="logits">Its logits; overwritten.</param>
    /// <param name="largest">The largest of them.</param>
    /// <param name="label">The original token.</param>
    /// <param name="scale">What its loss counts.</param>
    /// <param name="sampling">How a replacement is drawn, or null for none.</param>
    /// <param name="copying">A gate in front of the softmax, or null.</param>
    /// <param name="gradient">Receives the logits' gradient, unless null.</param>
    /// <returns>The token drawn, or -1.</returns>
    public int Take<T>(int place, float* logits, float largest, int label, float scale, TokenSampling? sampling, CopyMixture? copying, T* gradient)
        where T : unmanaged, IElement<T>
    {
        var uniform = sampling?.Uniforms[place] ?? 0;
        var labelLogit = logits[label];
        if (labelLogit >= largest) NumCorrect++;

        double total;
        int sample;
        if (sampling is { Temperature: not 1, ExcludesLabel: false })
        {
            (total, var weightTotal) = VocabularyRow.BothExponentials(logits, _weights.Start, columns, largest, sampling.Temperature, _blockSums.Start);
            sample = VocabularyRow.Draw(_weights.Start, vocabularySize, _blockSums.Start, weightTotal, uniform);
        }
        else
        {
            sample = sampling is { ExcludesLabel: true } ? DrawAnother(logits, label, largest, sampling, uniform) : -1;
            total = VocabularyRow.Exponentials(logits, logits, columns, largest, 1, _blockSums.Start);
            if (sampling is { ExcludesLabel: false }) sample = VocabularyRow.Draw(logits, vocabularySize, _blockSums.Start, total, uniform);
        }
        var loss = largest + Math.Log(total) - labelLogit;
        if (copying is not null) (loss, scale) = copying.Mix(place, loss, scale);
        if (gradient != null) VocabularyRow.Gradient(logits, gradient, columns, label, (float)(scale / total), scale);
        Sum += loss;
        return sample;
    }

    public void Dispose()
    {
        _weights.Dispose();
        _blockSums.Dispose();
    }

    // Any token but the label.
    int DrawAnother(float* logits, int label, float largest, TokenSampling sampling, float uniform)
    {
        var labelLogit = logits[label];
        logits[label] = VocabularyRow.PaddingBias;
        if (labelLogit >= largest) largest = VocabularyRow.Largest(logits, columns);
        var total = VocabularyRow.Exponentials(logits, _weights.Start, columns, largest, sampling.Temperature, _blockSums.Start);
        logits[label] = labelLogit;
        return VocabularyRow.Draw(_weights.Start, vocabularySize, _blockSums.Start, total, uniform);
    }
}
