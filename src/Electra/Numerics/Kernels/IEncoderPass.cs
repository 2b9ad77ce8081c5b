namespace Electra.Numerics.Kernels;

/// <summary>One worker's forward and backward pass over its share of the rows, whatever the format of activations.</summary>
unsafe interface IEncoderPass : IDisposable
{
    /// <inheritdoc cref="EncoderPass{T}.Forward"/>
    void Forward(float* parameters, TokenRows rows, int firstRow, int endRow, in EncoderDropout dropout, bool keeps, float* hidden);

    /// <inheritdoc cref="EncoderPass{T}.Backward"/>
    bool Backward(float* parameters, float* hiddenGradient, float* gradients, EncoderOffsets at, bool overwritesMatrices);

    /// <inheritdoc cref="EncoderPass{T}.ScatterWords"/>
    void ScatterWords(float* table, int share, int shares);
}
