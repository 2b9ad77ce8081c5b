namespace Electra.Randomness;

/// <summary>What a random number is drawn for. Draws for different purposes are independent under the same seed.</summary>
public enum RandomPurpose
{
    /// <summary>Initial weights.</summary>
    Initialization = 1,
    /// <summary>Where an example begins and ends, and how it is divided.</summary>
    Cutting = 2,
    /// <summary>The order of the examples in an epoch.</summary>
    Order = 3,
    /// <summary>Which tokens are masked.</summary>
    Masking = 4,
    /// <summary>Which tokens the generator's distribution yields.</summary>
    Replacement = 5,
    /// <summary>Which activations are dropped.</summary>
    Dropout = 6,
    /// <summary>The partner of a sentence in next sentence prediction.</summary>
    Pairing = 7,
    /// <summary>Which rows a statistic resamples.</summary>
    Resampling = 8,
}
