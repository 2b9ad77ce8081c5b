namespace Electra.Tokenization;

/// <summary>How special tokens and token types frame one or two texts.</summary>
public enum PairLayout
{
    /// <summary>[CLS] A [SEP] and [CLS] A [SEP] B [SEP]; token type 1 from B on.</summary>
    Bert,

    /// <summary>&lt;s&gt; A &lt;/s&gt; and &lt;s&gt; A &lt;/s&gt;&lt;/s&gt; B &lt;/s&gt;; token type 0 everywhere.</summary>
    Roberta,
}
