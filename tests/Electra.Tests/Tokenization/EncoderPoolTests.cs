using Electra.Tokenization;

namespace Electra.Tests.Tokenization;

public sealed class EncoderPoolTests
{
    [Fact]
    public void An_encoder_that_was_given_back_is_lent_again()
    {
        var pool = new EncoderPool<object>(() => new object());
        var first = pool.Rent();
        var second = pool.Rent(); // the first is in use
        pool.Return(first);

        Assert.NotSame(first, second);
        Assert.Same(first, pool.Rent());
    }

    [Fact]
    public void Two_threads_that_take_turns_keep_an_encoder_each()
    {
        var pool = new EncoderPool<object>(() => new object());
        object?[] lent = [null, null];
        var numStrange = 0;
        using var together = new Barrier(2);
        var threads = Enumerable.Range(0, 2).Select(me => new Thread(() =>
        {
            for (var round = 0; round < 20; round++)
            {
                var encoder = pool.Rent();
                together.SignalAndWait(); // both hold one
                lent[me] ??= encoder;
                if (encoder != lent[me]) Interlocked.Increment(ref numStrange);
                if (me == round % 2) pool.Return(encoder);
                together.SignalAndWait(); // one has given it back before the other does
                if (me != round % 2) pool.Return(encoder);
                together.SignalAndWait();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Equal(0, numStrange);
        Assert.NotSame(lent[0], lent[1]);
    }
}
