using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Electra.Cli;

/// <summary>
/// Standard output that fails when nobody reads it any more, as in <c>electra tokenize ... | head</c>. .NET's own swallows that error and
/// goes on writing into nothing, without end where the input has none.
/// </summary>
static class StandardOutput
{
    const int FileDescriptor = 1;

    /// <summary>EPIPE as .NET reports it on Linux.</summary>
    public const int NobodyReads = 32;

    /// <summary>Makes it the console's, in UTF-8 whatever the locale says.</summary>
    public static void Use() => Console.SetOut(new StreamWriter(Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true });

    /// <summary>The stream itself.</summary>
    public static Stream Open()
    {
        var pipe = new FileStream(new SafeFileHandle(FileDescriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        // A file, which always has room for a reader, may be shared with other programs: .NET's console keeps to the common position.
        return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
    }
}
