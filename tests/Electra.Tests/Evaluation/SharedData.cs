using System.Runtime.CompilerServices;

namespace Electra.Tests.Evaluation;

/// <summary>Data that lies beside the repository and may not be part of it; tests that need it are skipped where it is absent.</summary>
static class SharedData
{
    public static string Root { get; } = Find();

    public static string PathOf(string relative)
    {
        var path = Path.Combine(Root, relative);
        Assert.SkipUnless(Path.Exists(path), $"shared/{relative} is not beside the repository.");
        return path;
    }

    static string Find([CallerFilePath] string thisFile = "")
    {
        for (var directory = Path.GetDirectoryName(thisFile); directory is not null; directory = Path.GetDirectoryName(directory))
            if (File.Exists(Path.Combine(directory, "Electra.slnx")))
                return Path.GetFullPath(Path.Combine(directory, "../shared"));
        return "../shared";
    }
}
