namespace Electra.Model;

/// <summary>An encoder's family and the head on it, under the class name that Hugging Face gives the pair.</summary>
/// <param name="Family">Which published design the encoder follows.</param>
/// <param name="Head">What stands on it.</param>
/// <param name="Name">The class name, such as <c>ElectraForPreTraining</c>.</param>
public sealed record Architecture(EncoderFamily Family, HeadKind Head, string Name)
{
    static readonly Architecture[] Known =
    [
        new(EncoderFamily.Electra, HeadKind.None, "ElectraModel"),
        new(EncoderFamily.Electra, HeadKind.ReplacedToken, "ElectraForPreTraining"),
        new(EncoderFamily.Electra, HeadKind.MaskedLanguageModel, "ElectraForMaskedLM"),
        new(EncoderFamily.Electra, HeadKind.SequenceClassification, "ElectraForSequenceClassification"),
        new(EncoderFamily.Electra, HeadKind.TokenClassification, "ElectraForTokenClassification"),
        new(EncoderFamily.Electra, HeadKind.QuestionAnswering, "ElectraForQuestionAnswering"),
        new(EncoderFamily.Electra, HeadKind.JointQuestionAnswering, "ElectraForJointQuestionAnswering"),
        new(EncoderFamily.Bert, HeadKind.None, "BertModel"),
        new(EncoderFamily.Bert, HeadKind.MaskedLanguageModelAndNextSentence, "BertForPreTraining"),
        new(EncoderFamily.Bert, HeadKind.MaskedLanguageModel, "BertForMaskedLM"),
        new(EncoderFamily.Bert, HeadKind.SequenceClassification, "BertForSequenceClassification"),
        new(EncoderFamily.Bert, HeadKind.TokenClassification, "BertForTokenClassification"),
        new(EncoderFamily.Bert, HeadKind.QuestionAnswering, "BertForQuestionAnswering"),
        new(EncoderFamily.Bert, HeadKind.JointQuestionAnswering, "BertForJointQuestionAnswering"),
        new(EncoderFamily.Roberta, HeadKind.None, "RobertaModel"),
        new(EncoderFamily.Roberta, HeadKind.MaskedLanguageModel, "RobertaForMaskedLM"),
        new(EncoderFamily.Roberta, HeadKind.SequenceClassification, "RobertaForSequenceClassification"),
        new(EncoderFamily.Roberta, HeadKind.TokenClassification, "RobertaForTokenClassification"),
        new(EncoderFamily.Roberta, HeadKind.QuestionAnswering, "RobertaForQuestionAnswering"),
        new(EncoderFamily.Roberta, HeadKind.JointQuestionAnswering, "RobertaForJointQuestionAnswering"),
    ];

    /// <summary>Every architecture this library builds.</summary>
    public static IReadOnlyList<Architecture> All => Known;

    /// <summary>The architecture of a class name.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Architecture Named(string name) => Find(name)
        ?? throw new ArgumentException($"Architecture '{name}' is unknown, use one of {string.Join(", ", Known.Select(known => known.Name))}.");

    /// <summary>The architecture of a class name, or null.</summary>
    public static Architecture? Find(string name) => Array.Find(Known, known => known.Name == name);

    /// <summary>The architecture of a family with a head.</summary>
    /// <exception cref="ArgumentException">The family has no such head.</exception>
    public static Architecture Of(EncoderFamily family, HeadKind head) => Array.Find(Known, known => known.Family == family && known.Head == head)
        ?? throw new ArgumentException($"{family} has no head for {head}.");

    /// <summary>What the encoder's tensor names begin with below a head, without the dot; also Hugging Face's <c>model_type</c>.</summary>
    public string Prefix => PrefixOf(Family);

    /// <summary>True if a dense layer with tanh on the first token belongs to it.</summary>
    public bool HasPooler => (Family, Head) is (EncoderFamily.Bert or EncoderFamily.Roberta, HeadKind.None)
        or (EncoderFamily.Bert, HeadKind.MaskedLanguageModelAndNextSentence or HeadKind.SequenceClassification);

    /// <summary>The prefix of a family.</summary>
    public static string PrefixOf(EncoderFamily family) => family switch
    {
        EncoderFamily.Electra => "electra",
        EncoderFamily.Bert => "bert",
        _ => "roberta",
    };

    /// <summary>The class name.</summary>
    public override string ToString() => Name;
}
