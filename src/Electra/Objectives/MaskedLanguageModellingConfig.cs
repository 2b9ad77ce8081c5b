using Electra.Model;

namespace Electra.Objectives;

/// <summary>BERT's objective, or without next sentences RoBERTa's.</summary>
/// <param name="Masking">Which tokens are hidden; both papers take 80 % [MASK], 10 % random, 10 % kept.</param>
/// <param name="NextSentence">True adds next sentence prediction, which needs sentence pairs and BERT's head.</param>
public sealed record MaskedLanguageModellingConfig(TokenMaskingConfig Masking, bool NextSentence = false) : ObjectiveConfig(Masking)
{
    public override IEnumerable<string> Problems() => Masking.Problems().Select(problem => $"masking.{problem}");

    public override TrainingCost Cost(EncoderConfig encoder, EncoderConfig? generator)
    {
        List<CostPart> parts = [CostPart.Encoder("encoder", encoder), CostPart.TokenHead("masked token head", encoder)];
        if (NextSentence) parts.Add(new("next sentence head", (_, _) => ForwardFlops.NextSentenceHead(encoder), _ => 0));
        return new TrainingCost(parts);
    }
}
