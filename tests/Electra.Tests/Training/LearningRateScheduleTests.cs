using Electra.Training;

namespace Electra.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Fact]
    public void Warm_up_multiplies_the_decay_as_in_electra()
    {
        var schedule = new LearningRateSchedule(Peak: 1, WarmupSteps: 10);

        Assert.Equal(0, schedule.At(0, 100));
        Assert.Equal(0.5 * 0.95, schedule.At(5, 100), 12);
        Assert.Equal(0.9, schedule.At(10, 100), 12);
        Assert.Equal(0.01, schedule.At(99, 100), 12);
    }

    [Fact]
    public void Warm_up_stands_in_for_the_decay_as_in_bert()
    {
        var schedule = new LearningRateSchedule(1, 10, Warmup: WarmupRule.Replacing);

        Assert.Equal(0.5, schedule.At(5, 100), 12);
        Assert.Equal(0.9, schedule.At(10, 100), 12);
    }

    [Fact]
    public void Decay_begins_where_warm_up_ends_as_in_roberta()
    {
        var schedule = new LearningRateSchedule(1, 10, Warmup: WarmupRule.Before);

        Assert.Equal(1, schedule.At(10, 110), 12);
        Assert.Equal(0.5, schedule.At(60, 110), 12);
    }

    [Fact]
    public void The_rate_is_zero_after_the_last_step() => Assert.Equal(0, new LearningRateSchedule(1, 10).At(120, 100));
}
