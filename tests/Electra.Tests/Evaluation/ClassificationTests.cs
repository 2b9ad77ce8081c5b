using Electra.Evaluation;

namespace Electra.Tests.Evaluation;

public sealed class ClassificationTests
{
    // Rows are labels, columns predictions:
    //        0  1  2
    //    0   2  1  0
    //    1   0  1  1
    //    2   1  0  4
    static readonly ConfusionMatrix Matrix = ConfusionMatrix.Of([0, 0, 0, 1, 1, 2, 2, 2, 2, 2], [0, 0, 1, 1, 2, 0, 2, 2, 2, 2], 3);

    [Fact]
    public void A_confusion_matrix_counts_pairs() => Assert.Equal((2, 1, 0, 1, 4), (Matrix[0, 0], Matrix[0, 1], Matrix[0, 2], Matrix[2, 0], Matrix[2, 2]));

    [Fact]
    public void Accuracy_is_the_share_on_the_diagonal() => Assert.Equal(7 / 10.0, Matrix.Accuracy);

    [Fact]
    public void Precision_and_recall_of_a_class_count_its_column_and_its_row()
    {
        var second = Matrix.OfClass(1);

        Assert.Equal((1.0 / 2, 1.0 / 2, 1.0 / 2), (second.Precision, second.Recall, second.F1));
        Assert.Equal(4.0 / 5, Matrix.OfClass(2).Precision);
    }

    [Fact]
    public void Macro_f1_weighs_classes_alike_and_micro_f1_examples()
    {
        Assert.Equal((4.0 / 6 + 1.0 / 2 + 4.0 / 5) / 3, Matrix.MacroF1, 12);
        Assert.Equal(Matrix.Accuracy, Matrix.MicroF1, 12);
    }

    [Fact]
    public void Macro_f1_leaves_out_a_class_that_never_occurs() =>
        Assert.Equal(1, ConfusionMatrix.Of([0, 1], [0, 1], numClasses: 3).MacroF1);

    [Fact]
    public void Matthews_for_many_classes_is_gorodkins()
    {
        // (c s - sum p t) / sqrt((s^2 - sum p^2)(s^2 - sum t^2)) with c = 7, s = 10, p = (3, 2, 5), t = (3, 2, 5).
        Assert.Equal((70 - 38) / (100 - 38.0), Matrix.MatthewsCorrelation, 12);
    }

    [Fact]
    public void Matthews_of_two_classes_is_the_phi_coefficient()
    {
        // tp 3, tn 2, fp 1, fn 2: (3 * 2 - 1 * 2) / sqrt(4 * 5 * 3 * 4)
        var matrix = ConfusionMatrix.Of([1, 1, 1, 0, 0, 0, 1, 1], [1, 1, 1, 0, 0, 1, 0, 0], 2);

        Assert.Equal(4 / Math.Sqrt(240), matrix.MatthewsCorrelation, 12);
    }

    [Fact]
    public void Matthews_is_0_for_a_classifier_collapsed_to_one_class() =>
        Assert.Equal(0, ConfusionMatrix.Of([0, 1, 1], [1, 1, 1], 2).MatthewsCorrelation);

    [Fact]
    public void Scores_of_nothing_are_not_a_number()
    {
        var empty = new ConfusionMatrix(2);

        Assert.All([empty.Accuracy, empty.MacroF1, empty.MicroF1], score => Assert.True(double.IsNaN(score)));
    }

    [Fact]
    public void Labels_and_predictions_must_be_as_many() =>
        Assert.Contains("2 labels, but 1 predictions", Assert.Throws<ArgumentException>(() => ConfusionMatrix.Of([0, 1], [0], 2)).Message);

    [Theory]
    [InlineData(2, 0), InlineData(0, -1)]
    public void A_class_outside_the_matrix_is_refused(int label, int prediction) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix(2).Add(label, prediction));

    [Fact]
    public void Multi_label_f1_sums_counts_or_averages_labels()
    {
        // Three examples, two labels; label 0: 2 correct of 2 found, 2 expected. Label 1: 0 correct of 1 found, 2 expected.
        var score = MultiLabelScore.Of([true, true, true, true, false, false], [true, false, true, false, false, true], numLabels: 2);

        Assert.Equal([new PrecisionRecall(2, 2, 2), new PrecisionRecall(0, 1, 2)], score.PerLabel);
        Assert.Equal(2 * 2 / 7.0, score.MicroF1);
        Assert.Equal(0.5, score.MacroF1);
        Assert.Equal(0, score.ExactMatch);
    }

    [Fact]
    public void A_multi_label_example_matches_if_its_whole_row_does() =>
        Assert.Equal(0.5, MultiLabelScore.Of([true, false, true, true], [true, false, true, false], numLabels: 2).ExactMatch);

    [Fact]
    public void Calibration_compares_confidence_and_accuracy_within_bins()
    {
        // Bin (0.5, 1]: confidences 0.6, 0.8, 1.0, mean 0.8, two of three right. Bin [0, 0.5]: 0.5, right.
        var calibration = Calibration.Of([0.6, 0.8, 1.0, 0.5], [true, false, true, true], numBins: 2);

        Assert.Equal([1, 3], calibration.Bins.Select(bin => bin.Count));
        Assert.Equal(0.8, calibration.Bins[1].MeanConfidence, 12);
        Assert.Equal(2.0 / 3, calibration.Bins[1].Accuracy, 12);
        Assert.Equal(0.75 * (0.8 - 2.0 / 3) + 0.25 * 0.5, calibration.ExpectedCalibrationError, 12);
    }

    [Fact]
    public void An_empty_bin_does_not_count() => Assert.Equal(0.1, Calibration.Of([0.9], [true], numBins: 10).ExpectedCalibrationError, 12);

    [Fact]
    public void A_confidence_above_1_is_refused() => Assert.Throws<ArgumentException>(() => Calibration.Of([1.1], [true]));
}
