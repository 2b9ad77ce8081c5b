using Electra.Pretraining;

namespace Electra.Tests.Pretraining;

[Collection("torch")]
public sealed class TrainingRunReferenceTests
{
    [Theory]
    [InlineData(false), InlineData(true)]
    public void Twelve_joint_steps_give_the_recorded_losses_norms_and_weights(bool usesKernels)
    {
        var rows = TrainingRunReference.Compare(Path.Combine(AppContext.BaseDirectory, "Reference", "training-run"), usesKernels);

        Assert.Equal(12 * 4, rows.Count(row => row.Name.StartsWith("step ")));
        Assert.True(rows.Count > 12 * 4 + 100, "every parameter is compared");
        Assert.All(rows, row => Assert.True(row.Passes, $"{row.Name}: {row.Error:E2} > {row.Tolerance:E1}")); // float32 against a record in float64
    }
}
