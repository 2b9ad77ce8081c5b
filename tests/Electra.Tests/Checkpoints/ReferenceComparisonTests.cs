using Electra.Checkpoints;

namespace Electra.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class ReferenceComparisonTests
{
    [Theory]
    [MemberData(nameof(Models))]
    public void Outputs_and_gradients_equal_the_reference(string name)
    {
        using var model = ModelDirectory.Load(ReferenceFiles.Get("models", name));
        using var expected = SafetensorsFile.Open(ReferenceFiles.Get("models", name, "expected.safetensors"));
        var rows = ReferenceComparison.Run(model.Network, expected);

        Assert.Contains(rows, row => row.Name == "loss");
        Assert.Equal(model.Network.Parameters.Count, rows.Count(row => row.Name.StartsWith("grad.", StringComparison.Ordinal)));
        Assert.All(rows, row => Assert.True(row.Passes, $"{row.Name}: {row.Error:e2} is above {row.Tolerance:e0}"));
    }

    public static TheoryData<string> Models() =>
        [.. Directory.GetDirectories(ReferenceFiles.Get("models")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
}
