namespace Electra.Corpus;

/// <summary>The ways to cut documents into examples.</summary>
public enum CuttingRule
{
    /// <summary>ELECTRA's: one or two neighbouring segments of one document.</summary>
    Segments,
    /// <summary>RoBERTa's FULL-SENTENCES: as many whole sentences as fit, across documents, with a separator between documents.</summary>
    FullSentences,
    /// <summary>RoBERTa's DOC-SENTENCES: the same, but never across documents.</summary>
    DocumentSentences,
    /// <summary>BERT's pairs for next sentence prediction: half of the second parts come from another document.</summary>
    SentencePairs,
}
