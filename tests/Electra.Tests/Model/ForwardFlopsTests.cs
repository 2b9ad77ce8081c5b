using Electra.Model;

namespace Electra.Tests.Model;

public sealed class ForwardFlopsTests
{
    [Fact]
    public void A_joint_step_of_the_small_model_takes_9_billion_operations_a_sequence_of_128()
    {
        var discriminator = new EncoderConfig();
        var generator = discriminator with { HiddenSize = 64, NumAttentionHeads = 1, IntermediateSize = 256 };

        var forward = ForwardFlops.Encoder(discriminator, 128) + ForwardFlops.ReplacedTokenHead(discriminator, 128)
            + ForwardFlops.Encoder(generator, 128) + ForwardFlops.MaskedLanguageModelHead(generator, 19);

        Assert.Equal(8.98e9, ForwardFlops.TrainingFactor * forward, 0.01e9);
    }
}
