namespace Electra.Checkpoints;

/// <summary>An opened file, or several, of named tensors. Not for use by two threads at once.</summary>
public interface ITensorSource : IDisposable
{
    /// <summary>The file, for errors and reports.</summary>
    string Path { get; }

    /// <summary>All tensors, in the order of the file.</summary>
    IReadOnlyList<StoredTensor> Tensors { get; }

    /// <summary>Reads a part of a tensor's elements in row-major order.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="offset">In bytes, from the first element.</param>
    /// <param name="destination">Filled completely.</param>
    /// <exception cref="InvalidDataException">The file ends early or is damaged.</exception>
    void Read(StoredTensor tensor, long offset, Span<byte> destination);
}
