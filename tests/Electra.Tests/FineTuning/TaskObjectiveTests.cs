using Electra.FineTuning;
using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Tokenization;
using static TorchSharp.torch;

namespace Electra.Tests.FineTuning;

[Collection(TorchCollection.Name)]
public sealed class TaskObjectiveTests
{
    static EncodedExample Row(int example, int window = 0, int length = 3) =>
        new(example, window, new EncodedText(new int[length], new byte[length], new sbyte[length], new (int, int)[length], false));

    static double Loss(ITaskObjective objective, string output, float[] values, long[] shape, params EncodedExample[] rows)
    {
        using var scope = NewDisposeScope();
        var outputs = new Dictionary<string, Tensor> { [output] = tensor(values).view(shape) };
        return objective.Loss(outputs, RowScorer.Pad(rows, 0), rows).item<float>();
    }

    [Fact]
    public void Smoothing_gives_all_classes_a_share_and_a_weight_multiplies()
    {
        var loss = new ClassLoss(0.2, [1, 3]);

        // Logits 0 and ln 3: probabilities 1/4 and 3/4. 0.8 x ln(4/3) + 0.2 x (ln 4 + ln(4/3)) / 2, three times.
        var expected = 3 * (0.8 * Math.Log(4.0 / 3) + 0.1 * (Math.Log(4) + Math.Log(4.0 / 3)));
        var objective = new SequenceObjective(TaskKind.Classification, loss, WindowMerge.Mean);
        Assert.Equal(expected, Loss(objective, "logits", [0, (float)Math.Log(3)], [1, 2], Row(0) with { Class = 1 }), 5);
        Assert.Equal(3, objective.Weight([Row(0) with { Class = 1 }]));
    }

    [Theory]
    [InlineData(WindowMerge.Mean, 2.0), InlineData(WindowMerge.Max, 4.0)]
    public void Windows_become_one_before_the_loss_is_taken(WindowMerge merge, double logit)
    {
        // Logits of class 0 are 0 and 4, of class 1 always 0; the second example stands behind.
        var objective = new SequenceObjective(TaskKind.Classification, new ClassLoss(), merge);
        var loss = Loss(objective, "logits", [0, 0, 4, 0, 0, 0], [3, 2], Row(0) with { Class = 1 }, Row(0, window: 1) with { Class = 1 }, Row(1) with { Class = 0 });

        Assert.Equal(Math.Log(1 + Math.Exp(logit)) + Math.Log(2), loss, 5);
        Assert.Equal(2, objective.Weight([Row(0) with { Class = 1 }, Row(0, window: 1) with { Class = 1 }, Row(1) with { Class = 0 }]));
    }

    [Fact]
    public void A_number_is_scored_by_squared_error_and_labels_by_binary_cross_entropy()
    {
        var number = new SequenceObjective(TaskKind.Regression, new ClassLoss(), WindowMerge.Mean);
        Assert.Equal(0.25, Loss(number, "logits", [1.5f], [1, 1], Row(0) with { Targets = [1] }), 6);

        var labels = new SequenceObjective(TaskKind.MultiLabel, new ClassLoss(), WindowMerge.Mean);
        var expected = (Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.Exp(1))) / 2;        // logits 1 and 1, labels 1 and 0
        Assert.Equal(expected, Loss(labels, "logits", [1, 1], [1, 2], Row(0) with { Targets = [1, 0] }), 5);
    }

    [Fact]
    public void A_weight_counts_where_an_example_has_the_label()
    {
        // Logits 1 and 1, labels 1 and 0, weights 3 and 5: the second label is not there.
        var labels = new SequenceObjective(TaskKind.MultiLabel, new ClassLoss(Weights: [3, 5]), WindowMerge.Mean);

        var expected = (3 * Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.Exp(1))) / 2;
        Assert.Equal(expected, Loss(labels, "logits", [1, 1], [1, 2], Row(0) with { Targets = [1, 0] }), 5);
    }

    [Fact]
    public void Balanced_classes_count_examples_and_not_their_windows()
    {
        // Two examples of the first class, one with three windows; two of the second.
        EncodedExample[] rows =
        [
            Row(0) with { Class = 0 }, Row(0, window: 1) with { Class = 0 }, Row(0, window: 2) with { Class = 0 }, Row(1) with { Class = 0 },
            Row(2) with { Class = 1 }, Row(3) with { Class = 1 },
        ];

        Assert.Equal([1f, 1f], ClassLoss.Of(new TaskHeadConfig(BalancesClasses: true), ["a", "b"], rows).Weights!);
        // Without the last example: shares 2/3 and 1/3 of two classes.
        Assert.Equal([0.75f, 1.5f], ClassLoss.Of(new TaskHeadConfig(BalancesClasses: true), ["a", "b"], rows[..^1]).Weights!);
    }

    [Fact]
    public void Balanced_labels_weigh_having_one_as_much_as_not_having_it()
    {
        EncodedExample[] rows = [Row(0) with { Targets = [1, 0] }, Row(1) with { Targets = [0, 0] }, Row(2) with { Targets = [0, 0] }, Row(2, window: 1) with { Targets = [0, 0] }];

        Assert.Equal([2f, 1f], ClassLoss.Of(new TaskHeadConfig(BalancesClasses: true), ["a", "b"], rows).Weights!);   // one has a, two have not; nobody has b
    }

    [Fact]
    public void Only_the_first_pieces_of_words_count_in_tagging()
    {
        var objective = new TaggingObjective(new ClassLoss());
        var row = Row(0) with { TokenLabels = [EncodedExample.Ignored, 1, EncodedExample.Ignored] };

        Assert.Equal(Math.Log(2), Loss(objective, "logits", [9, 0, 5, 5, 0, 9], [1, 3, 2], row), 5);
        Assert.Equal(1, objective.Weight([row]));
    }

    [Fact]
    public void Tokens_of_the_question_are_no_answer()
    {
        // Three tokens, all logits equal: over start token and context the chance is one half, the question's token has none.
        var row = Row(0) with { Start = 2, End = 2, IsContext = [false, false, true] };
        using var scope = NewDisposeScope();
        var outputs = new Dictionary<string, Tensor> { ["start_logits"] = zeros(1, 3), ["end_logits"] = zeros(1, 3) };

        Assert.Equal(Math.Log(2), new SpanObjective().Loss(outputs, RowScorer.Pad([row], 0), [row]).item<float>(), 5);
    }

    [Fact]
    public void The_joint_head_scores_an_end_by_its_start_and_trains_on_the_true_one()
    {
        using var scope = NewDisposeScope();
        var encoder = new EncoderConfig(VocabSize: 8, EmbeddingSize: 8, HiddenSize: 8, NumHiddenLayers: 1, NumAttentionHeads: 1, IntermediateSize: 8, MaxPositionEmbeddings: 8);
        using var network = new PretrainedNetwork(new NetworkConfig(Architecture.Named("ElectraForJointQuestionAnswering"), encoder));
        network.Initialize(1);
        var head = (JointQuestionAnsweringHead)network.Head;
        var hidden = randn(2, 5, 8);

        var both = head.EndLogits(hidden, tensor((long[])[1, 3, 0, 2]).view(2, 2));         // (2, 2, 5)
        var one = head.EndLogits(hidden, tensor((long[])[3, 2]).view(2, 1));                // (2, 1, 5)

        Assert.True((both.select(1, 1) - one.select(1, 0)).abs().max().item<float>() < 1e-5f);
        Assert.True((both.select(1, 0) - one.select(1, 0)).abs().max().item<float>() > 1e-3f);
    }

    [Fact]
    public void The_joint_heads_scores_are_log_probabilities_over_start_token_and_context()
    {
        using var scope = NewDisposeScope();
        var encoder = new EncoderConfig(VocabSize: 8, EmbeddingSize: 8, HiddenSize: 8, NumHiddenLayers: 1, NumAttentionHeads: 1, IntermediateSize: 8, MaxPositionEmbeddings: 8);
        using var network = new PretrainedNetwork(new NetworkConfig(Architecture.Named("ElectraForJointQuestionAnswering"), encoder));
        network.Initialize(1);
        // The start token, a question's, two of the context; the shorter row is padded.
        EncodedExample[] rows = [Row(0, length: 4) with { IsContext = [false, false, true, true] }, Row(1, length: 3) with { IsContext = [false, false, true] }];
        var outputs = new Dictionary<string, Tensor> { ["start_logits"] = randn(2, 4) * 5, ["last_hidden_state"] = randn(2, 4, 8) * 5 };

        var scores = new JointSpanObjective((JointQuestionAnsweringHead)network.Head, beamSize: 2).Read(outputs, RowScorer.Pad(rows, 0), rows);

        Assert.All(scores, score => Assert.Equal(1, Sum(score.Start), 4));
        Assert.Equal([2, 1], scores.Select(score => score.TopStarts.Length));
        Assert.Equal([1, 1, 1], scores.Zip(rows).SelectMany(pair => pair.First.TopStarts.Select((_, k) => Math.Round(Sum(pair.First.EndGivenStart[(k * pair.Second.Length)..((k + 1) * pair.Second.Length)]), 4))));
        Assert.True(scores[0].EndGivenStart[1] < -900);     // the question's token

        static double Sum(float[] logs) => logs.Sum(log => Math.Exp(log));
    }
}
