using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Electra.Tests;

/// <summary>The folders of src/Electra form a ladder: each may use only folders named before it.</summary>
public sealed partial class ArchitectureTests
{
    static readonly string[] Ladder =
    [
        "Files", "Randomness", "Tokenization", "Corpus", "Evaluation", "Reporting",
        "Numerics", "Model", "Objectives", "Checkpoints", "Distributed", "Training", "Inference",
        "Pretraining", "FineTuning", "Comparison",
    ];

    static readonly int FirstRungWithTorch = Array.IndexOf(Ladder, "Numerics");

    [Theory]
    [MemberData(nameof(SourceFiles))]
    public void Folders_only_look_down_the_ladder(string path)
    {
        var rung = Array.IndexOf(Ladder, path.Split('/')[0]);
        Assert.True(rung >= 0, $"{path}: give the new folder its place in the ladder.");

        var source = File.ReadAllText(Path.Combine(SourceRoot(), path));
        Assert.All(UsingElectra().Matches(source).Select(match => match.Groups[1].Value),
            folder => Assert.True(Array.IndexOf(Ladder, folder) <= rung, $"{path} must not use Electra.{folder}."));
        Assert.True(rung >= FirstRungWithTorch || !source.Contains("TorchSharp"), $"{path} must do without torch.");
    }

    [Theory]
    [MemberData(nameof(SourceFiles))]
    public void Native_libraries_are_reached_from_one_folder_each(string path)
    {
        var source = File.ReadAllText(Path.Combine(SourceRoot(), path));
        var folder = path.Split('/')[0];
        Assert.True(folder is "Numerics" or "Distributed" || !NativeImport().IsMatch(source), $"{path} must not reach a native library.");
    }

    public static IEnumerable<TheoryDataRow<string>> SourceFiles() =>
        Directory.EnumerateFiles(SourceRoot(), "*.cs", SearchOption.AllDirectories)
            .Select(file => new TheoryDataRow<string>(Path.GetRelativePath(SourceRoot(), file)));

    static string SourceRoot([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../src/Electra"));

    [GeneratedRegex(@"\bElectra\.(Files|Randomness|Tokenization|Corpus|Evaluation|Reporting|Numerics|Model|Objectives|Checkpoints|Distributed|Training|Inference|Pretraining|FineTuning|Comparison)\b")]
    private static partial Regex UsingElectra();

    [GeneratedRegex("DllImport|LibraryImport|NativeLibrary")]
    private static partial Regex NativeImport();
}
