using System.CommandLine;
using System.Runtime.InteropServices;

namespace Electra.Cli;

/// <summary>What the exit code says: 0 success, 1 our failure or a comparison above tolerance, 2 the user's mistake, 3 the machine.</summary>
static class ExitCodes
{
    public const int Success = 0, Failure = 1, UserMistake = 2, Machine = 3, Interrupted = 130, BrokenPipe = 141;

    /// <summary>ENOSPC and EDQUOT as .NET reports them on Linux.</summary>
    const int DiskFull = 28, QuotaExceeded = 122;

    /// <summary>Parses, runs and turns each exception into one line and an exit code.</summary>
    public static int Run(Command root, string[] arguments)
    {
        var parsed = root.Parse(arguments);
        if (ArgumentErrors.Find(parsed) is { } mistake)
        {
            Console.Error.WriteLine($"electra: {OneLine(mistake)}");
            return UserMistake;
        }
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (IOException exception) when (exception.HResult == StandardOutput.NobodyReads)
        {
            return BrokenPipe; // as if SIGPIPE had ended it: who stopped reading wants to hear no more
        }
        catch (Exception exception) when (Classify(exception) is { } code)
        {
            Console.Error.WriteLine($"electra: {OneLine(exception.Message)}{Remedy(exception)}");
            return code;
        }
        catch (Exception exception)
        {
            // Nobody's mistake but ours: the whole trace is what a report of it needs.
            Console.Error.WriteLine($"electra: an error in the program itself, please report it: {exception}");
            return Failure;
        }
    }

    static string Remedy(Exception exception) =>
        exception is IOException { HResult: DiskFull or QuotaExceeded } ? ". Make room and try again; a training run goes on from its last checkpoint with --resume." : "";

    static int? Classify(Exception exception) => exception switch
    {
        OperationCanceledException => Interrupted,
        ArithmeticException => Failure, // numbers that are not finite: the message says what to do
        DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException } => Machine,
        OutOfMemoryException => Machine,
        ExternalException when exception.Message.Contains("allocate", StringComparison.Ordinal) => Machine,
        IOException { HResult: DiskFull or QuotaExceeded } or UnauthorizedAccessException or PlatformNotSupportedException => Machine,
        InvalidDataException or FileNotFoundException or DirectoryNotFoundException or EndOfStreamException or ArgumentException => UserMistake,
        IOException => Machine,
        _ => null,
    };

    static string OneLine(string message) => string.Join(' ', message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
