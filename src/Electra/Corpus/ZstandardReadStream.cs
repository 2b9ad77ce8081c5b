using ZstdSharp;

namespace Electra.Corpus;

/// <summary>Decompresses Zstandard and names the file when it is damaged or ends too early.</summary>
sealed class ZstandardReadStream(Stream file, string path) : ReadOnlyStream
{
    readonly DecompressionStream _content = new(file, checkEndOfStream: true);

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return _content.Read(buffer);
        }
        catch (Exception exception) when (exception is ZstdException or EndOfStreamException)
        {
            throw new InvalidDataException($"{path}: truncated or damaged Zstandard file ({exception.Message}).", exception);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _content.Dispose();
        base.Dispose(disposing);
    }
}
