using Electra.Objectives;
using Electra.Pretraining;

namespace Electra.Tests.Pretraining;

public sealed class TrainingHealthTests
{
    static readonly StagnationSign Sign = new("discriminator_auc", 0.52, "it does not learn");

    static Dictionary<string, double> HeldOut(double auc) => new() { ["loss"] = 25, ["discriminator_auc"] = auc };

    [Fact]
    public void Finite_numbers_are_no_fault() => Assert.Null(new TrainingHealth(Sign).FindFault(1, 2.5, 0.5, 600));

    [Theory]
    [InlineData(double.NaN, 1), InlineData(1, double.PositiveInfinity)]
    public void A_number_that_is_not_finite_names_the_step(double loss, double norm) =>
        Assert.StartsWith("Step 1,234:", new TrainingHealth(Sign).FindFault(1234, loss, norm, 600));

    [Fact]
    public void Nine_faults_and_a_good_step_do_not_stop_the_run()
    {
        var health = new TrainingHealth(Sign);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 9; i++) Assert.NotNull(health.FindFault(i, double.NaN, 1, 600));
            Assert.Null(health.FindFault(9, 1, 1, 600));
        }
    }

    [Fact]
    public void Ten_batches_without_a_masked_token_stop_the_run_with_the_reason()
    {
        var health = new TrainingHealth();
        for (var step = 1; step < 10; step++) Assert.Contains("no token of the batch was masked", health.FindFault(step, double.NaN, 0, 0));
        Assert.Contains("whole_words=false", Assert.Throws<ArithmeticException>(() => health.FindFault(10, double.NaN, 0, 0)).Message);
    }

    [Fact]
    public void A_held_out_loss_that_is_no_number_raises_a_warning_at_once() =>
        Assert.Contains("the held-out loss is NaN", new TrainingHealth().FindStagnation(3, new Dictionary<string, double> { ["loss"] = double.NaN }));

    [Fact]
    public void Four_poor_evaluations_in_a_row_raise_a_warning()
    {
        var health = new TrainingHealth(Sign);

        Assert.Null(health.FindStagnation(1, HeldOut(0.51)));
        Assert.Null(health.FindStagnation(2, HeldOut(0.51)));
        Assert.Null(health.FindStagnation(3, HeldOut(0.51)));
        Assert.Contains("stayed below 0.52", health.FindStagnation(4, HeldOut(0.51)));
        Assert.Null(health.FindStagnation(5, HeldOut(0.6)));
        Assert.Null(health.FindStagnation(6, HeldOut(0.51)));
    }
}
