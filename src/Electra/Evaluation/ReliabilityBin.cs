namespace Electra.Evaluation;

/// <summary>Predictions of similar confidence.</summary>
/// <param name="Lower">Exclusive lower edge of the confidence.</param>
/// <param name="Upper">Inclusive upper edge.</param>
/// <param name="Count">Number of predictions.</param>
/// <param name="MeanConfidence">Mean probability of the predicted class; NaN in an empty bin.</param>
/// <param name="Accuracy">Share that is right; NaN in an empty bin.</param>
public sealed record ReliabilityBin(double Lower, double Upper, long Count, double MeanConfidence, double Accuracy);
