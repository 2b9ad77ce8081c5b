using Electra.Reporting;
using Electra.Tests.Evaluation;

namespace Electra.Tests.Reporting;

public sealed class MetricsLogTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    string Log => _folder["metrics.jsonl"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_line_is_one_json_object_in_the_order_given()
    {
        Append(new MetricsEntry(10, MetricsEntry.Train, new Dictionary<string, double> { ["loss"] = 12.5, ["learning_rate"] = 5e-4 }));

        Assert.Equal("{\"step\":10,\"kind\":\"train\",\"loss\":12.5,\"learning_rate\":0.0005}\n", File.ReadAllText(Log));
    }

    [Fact]
    public void What_was_appended_reads_back_to_the_last_bit()
    {
        double[] values = [1.0 / 3, -0.0, double.Epsilon, double.MaxValue, 4e18];
        Append([.. values.Select((value, i) => Entry(i, value))]);

        Assert.Equal(values.Select(BitConverter.DoubleToInt64Bits), MetricsLog.Read(Log).Select(entry => BitConverter.DoubleToInt64Bits(entry.Values["loss"])));
    }

    [Fact]
    public void What_is_no_finite_number_is_written_as_null_and_read_as_nan()
    {
        Append(Entry(1, double.NaN), Entry(2, double.PositiveInfinity));

        Assert.Contains("\"loss\":null", File.ReadAllLines(Log)[1]);
        Assert.All(MetricsLog.Read(Log), entry => Assert.True(double.IsNaN(entry.Values["loss"])));
    }

    [Fact]
    public void A_line_is_there_for_other_readers_as_soon_as_it_is_appended()
    {
        using var log = MetricsLog.Open(Log);

        log.Append(Entry(1, 2.5));

        Assert.Equal(2.5, Assert.Single(MetricsLog.Read(Log)).Values["loss"]);
    }

    [Fact]
    public void Opening_removes_half_a_last_line_and_goes_on_after_it()
    {
        File.WriteAllText(Log, """
            {"step":1,"kind":"train","loss":3}
            {"step":2,"kind":"train","lo
            """);

        Append(Entry(2, 2.5));

        Assert.Equal([(1, 3), (2, 2.5)], MetricsLog.Read(Log).Select(entry => (entry.Step, entry.Values["loss"])));
    }

    [Fact]
    public void Half_a_line_longer_than_a_block_is_removed_too()
    {
        File.WriteAllText(Log, "{\"step\":1,\"kind\":\"train\",\"loss\":3}\n" + new string('x', 10_000));

        MetricsLog.Open(Log).Dispose();

        Assert.Equal("{\"step\":1,\"kind\":\"train\",\"loss\":3}\n", File.ReadAllText(Log));
    }

    [Fact]
    public void Reading_leaves_out_half_a_last_line_and_changes_nothing()
    {
        File.WriteAllText(Log, "{\"step\":1,\"kind\":\"train\",\"loss\":3}\n{\"step\":2");

        Assert.Equal(1, Assert.Single(MetricsLog.Read(Log)).Step);
        Assert.EndsWith("{\"step\":2", File.ReadAllText(Log));
    }

    [Theory]
    [InlineData(0, 0), InlineData(10, 1), InlineData(15, 1), InlineData(20, 3), InlineData(99, 4)]
    public void Truncating_keeps_the_lines_up_to_the_step(long step, int numLines)
    {
        Append(Entry(10, 1), Entry(20, 2), Entry(20, 3, MetricsEntry.Evaluation), Entry(30, 4));
        File.AppendAllText(Log, "{\"step\":4");

        MetricsLog.TruncateAfter(Log, step);

        Assert.Equal(numLines, File.ReadAllLines(Log).Length);
        Assert.DoesNotContain(MetricsLog.Read(Log), entry => entry.Step > step);
    }

    [Theory]
    [InlineData("{\"kind\":\"train\"}", "must begin with \"step\"")]
    [InlineData("{\"step\":1.5,\"kind\":\"train\"}", "must begin with \"step\"")]
    [InlineData("{\"step\":1,\"loss\":3}", "no \"kind\"")]
    [InlineData("{\"step\":1,\"kind\":\"train\",\"loss\":\"x\"}", "'loss' is no number")]
    [InlineData("{\"step\":1,\"kind\":\"train\",", "no JSON object")]
    [InlineData("", "must begin with \"step\"")]
    public void A_damaged_line_is_named_and_passed_over(string line, string message)
    {
        File.WriteAllText(Log, "{\"step\":1,\"kind\":\"train\",\"loss\":3}\n" + line + "\n{\"step\":3,\"kind\":\"train\"}\n");
        var unreadable = new List<string>();

        Assert.Equal([1, 3], MetricsLog.Read(Log, unreadable).Select(entry => entry.Step));

        Assert.StartsWith($"{Log}: line 2 ", Assert.Single(unreadable));
        Assert.Contains(message, unreadable[0]);
    }

    [Fact]
    public void A_line_longer_than_any_of_a_log_is_passed_over_too()
    {
        File.WriteAllText(Log, "{\"step\":1,\"kind\":\"train\"}\n" + new string('\0', 3_000_000) + "\n{\"step\":3,\"kind\":\"train\"}\n");
        var unreadable = new List<string>();

        Assert.Equal([1, 3], MetricsLog.Read(Log, unreadable).Select(entry => entry.Step));
        Assert.Contains("line 2 is no line of metrics and is passed over: it is longer than 1,048,576 bytes", Assert.Single(unreadable));

        var length = new FileInfo(Log).Length;
        Assert.Single(MetricsLog.TruncateAfter(Log, 3));
        Assert.Equal(length, new FileInfo(Log).Length);
    }

    [Theory]
    [InlineData(1, "{\"step\":1,\"kind\":\"train\"}\n")]
    [InlineData(2, "{\"step\":1,\"kind\":\"train\"}\nnoise\n{\"step\":2,\"kind\":\"train\"}\n")]
    public void Truncating_passes_over_a_damaged_line_and_keeps_it_among_those_kept(long step, string left)
    {
        File.WriteAllText(Log, "{\"step\":1,\"kind\":\"train\"}\nnoise\n{\"step\":2,\"kind\":\"train\"}\n{\"step\":3,\"kind\":\"train\"}\n");

        Assert.Contains("line 2 is no line", Assert.Single(MetricsLog.TruncateAfter(Log, step)));
        Assert.Equal(left, File.ReadAllText(Log));
    }

    [Fact]
    public void Lines_longer_than_the_buffer_are_read_whole()
    {
        var names = Enumerable.Range(0, 5000).Select(i => $"a_figure_with_a_long_name_{i}").ToList();
        Append(Entry(1, 1), new MetricsEntry(2, MetricsEntry.Train, names.ToDictionary(name => name, _ => 0.5)), Entry(3, 3));

        var entries = MetricsLog.Read(Log).ToList();

        Assert.Equal([1, 2, 3], entries.Select(entry => entry.Step));
        Assert.Equal(names, entries[1].Values.Keys);
    }

    [Fact]
    public void A_long_log_is_read_with_little_memory_per_line()
    {
        var line = "\"kind\":\"train\"," + string.Join(',', Enumerable.Range(0, 15).Select(i => $"\"figure_{i}\":{i}.25e-3")) + "}\n";
        using (var file = new StreamWriter(Log))
            for (var step = 0; step < 20_000; step++) file.Write($"{{\"step\":{step},{line}");
        var before = GC.GetAllocatedBytesForCurrentThread();

        var history = MetricsHistory.Read(Log);

        Assert.Equal(20_000, history[MetricsEntry.Train, "figure_14"].Values.Count);
        // A dictionary of 15 figures is 0.7 KB; the columns, doubling as they grow, about 0.4 KB a line. No strings, which would be 0.7 KB more.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 20_000.0, 0, 1300);
    }

    [Fact]
    public void A_figure_keeps_its_own_steps_where_it_is_not_on_every_line()
    {
        var history = new MetricsHistory();
        for (var step = 1; step <= 4; step++)
            history.Add(new MetricsEntry(step, MetricsEntry.Train, step switch
            {
                1 => new Dictionary<string, double> { ["always"] = 1, ["odd"] = 10 },
                2 => new Dictionary<string, double> { ["always"] = 2, ["late"] = 20 },
                3 => new Dictionary<string, double> { ["always"] = 3, ["odd"] = 30, ["late"] = 30 },
                _ => new Dictionary<string, double> { ["always"] = 4, ["late"] = 40 },
            }));

        Assert.Equal([1, 2, 3, 4], history[MetricsEntry.Train, "always"].Steps);
        Assert.Equal([1, 3], history[MetricsEntry.Train, "odd"].Steps);
        Assert.Equal([2, 3, 4], history[MetricsEntry.Train, "late"].Steps);
        Assert.Equal([20, 30, 40], history[MetricsEntry.Train, "late"].Values);
        Assert.Empty(history[MetricsEntry.Evaluation, "always"].Steps);
    }

    [Theory]
    [InlineData(10, 100), InlineData(15, 150), InlineData(5, 50), InlineData(30, 400), InlineData(40, 600)]
    public void A_figure_between_logged_steps_lies_on_the_line(double step, double expected) =>
        Assert.Equal(expected, new MetricSeries(MetricsEntry.Train, "tokens_seen", [10, 20, 30], [100, 200, 400]).At(step), 9);

    void Append(params MetricsEntry[] entries)
    {
        using var log = MetricsLog.Open(Log);
        foreach (var entry in entries) log.Append(entry);
        log.Flush();
    }

    static MetricsEntry Entry(long step, double loss, string kind = MetricsEntry.Train) => new(step, kind, new Dictionary<string, double> { ["loss"] = loss });
}
