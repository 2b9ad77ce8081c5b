namespace Electra.Model;

/// <summary>What a generator has in common with the network that is kept (Clark et al. 2020, section 3.2).</summary>
public enum GeneratorSharing
{
    /// <summary>The embedding tables and their LayerNorm: what the paper settles on.</summary>
    Embeddings,
    /// <summary>Nothing: it has tables of its own.</summary>
    Nothing,
    /// <summary>The whole encoder, which must have the same sizes; each has a head of its own.</summary>
    Everything,
}
