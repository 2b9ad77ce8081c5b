using System.Text.RegularExpressions;
using Electra.Reporting;
using Electra.Tests.Evaluation;

namespace Electra.Tests.Reporting;

public sealed partial class ReportTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_report_has_tiles_grouped_charts_figures_and_settings()
    {
        var html = Report(CreateRun("small", method: "electra"));

        Assert.Equal(["Losses", "Discriminator", "Optimisation", "Speed", "Held-out evaluation", "Other", "Final figures", "Recipe", "Manifest"], Headings(html));
        Assert.Contains("after step 100 of 1,000", html);
        Assert.Contains("<dt>Tokens seen</dt><dd>409,600</dd>", html);
        Assert.Contains("<dt>Training time</dt><dd>50 s</dd>", html);
        Assert.Contains("<dt>generator.num_layers</dt><dd>4</dd>", html);
        Assert.Contains("<dt>libtorch</dt><dd>2.10.0</dd>", html);
        Assert.Contains("My own figure", html);
    }

    [Fact]
    public void The_figures_table_has_training_and_held_out_side_by_side()
    {
        var html = Report(CreateRun("small", method: "electra"));

        // Training loss 20 - step / 10 over steps 10 to 100 has mean 14.5; held-out losses are 16 and 11.
        Assert.Contains("<th scope=\"row\">Total loss</th><td>14.50</td><td>11</td><td>11</td><td>16</td>", html);
    }

    [Fact]
    public void Skipped_steps_are_shown_only_if_there_are_any()
    {
        var run = CreateRun("small", method: "electra");
        Assert.DoesNotContain("Skipped steps", Report(run));

        File.AppendAllText(Path.Combine(run, "metrics.jsonl"), "{\"step\":110,\"kind\":\"train\",\"skipped_steps\":2}\n");

        Assert.Contains("<dt>Skipped steps</dt><dd>2</dd>", Report(run));
    }

    [Fact]
    public void A_report_needs_nothing_from_elsewhere()
    {
        var html = Report(CreateRun("small", method: "electra"));

        Assert.DoesNotMatch(ReferenceElsewhere(), html.Replace("http://www.w3.org/2000/svg", ""));
        Assert.Contains("prefers-color-scheme:dark", html);
        Assert.StartsWith("<!doctype html>", html);
    }

    [Fact]
    public void Names_and_values_are_escaped()
    {
        var run = CreateRun("small", method: "<script>alert('x')</script>");
        File.AppendAllText(Path.Combine(run, "metrics.jsonl"), "{\"step\":110,\"kind\":\"train\",\"<b>&\":1}\n");

        var html = Report(run, title: "a < b");

        Assert.DoesNotContain("<script>alert", html);
        Assert.Contains("&lt;script&gt;alert", html);
        Assert.Contains("&lt;b&gt;&amp;", html);
        Assert.Contains("<title>a &lt; b</title>", html);
    }

    [Fact]
    public void A_run_without_a_single_line_has_a_report()
    {
        var run = Directory.CreateDirectory(_folder["empty"]).FullName;
        _folder.Write("empty/metrics.jsonl", "");

        Assert.Contains("after step 0", Report(run));
    }

    [Fact]
    public void Nothing_but_the_report_is_left_behind()
    {
        var run = CreateRun("small", method: "electra");
        Report(run);

        Assert.Equal(["manifest.json", "metrics.jsonl", "recipe.json", "report.html"], Directory.GetFiles(run).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Ids_are_unique_in_a_page()
    {
        var html = Compare(CreateRun("a", method: "electra"), CreateRun("b", method: "bert"));

        var ids = Id().Matches(html).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.True(ids.Count > 20);
    }

    [Fact]
    public void A_comparison_offers_every_axis_that_a_run_has()
    {
        var html = Compare(CreateRun("a", method: "electra"), CreateRun("b", method: "bert"));

        Assert.Equal(["By compute", "By tokens", "By time", "By step"], Label().Matches(html).Select(match => match.Groups[1].Value).Distinct());
        Assert.Equal(["What each run spent", "Final figures", "Held-out evaluation", "Training", "Where the recipes differ"], Headings(html));
    }

    [Fact]
    public void A_comparison_says_where_recipes_differ_and_how_the_runs_ended()
    {
        var html = Compare(CreateRun("a", method: "electra"), CreateRun("b", method: "bert"));

        Assert.Contains("<th scope=\"row\">objective.kind</th><td>electra</td><td>bert</td>", html);
        Assert.DoesNotContain("<th scope=\"row\">run.steps</th>", html);
        Assert.Contains("<th scope=\"row\">Held-out: Discriminator AUC</th><td>0.5000</td><td>0.5000</td>", html);
    }

    [Fact]
    public void A_total_loss_stands_beside_others_only_of_the_same_method()
    {
        var (electra, another, bert) = (CreateRun("a", method: "electra"), CreateRun("b", method: "electra"), CreateRun("c", method: "bert"));

        Assert.Contains("<th scope=\"row\">Held-out: Total loss</th><td>11</td><td>11</td>", Compare(electra, another));
        Assert.DoesNotContain("Fine-tuning does.", Compare(electra, another));
        Assert.DoesNotContain("Total loss", Compare(electra, bert));
        Assert.Contains("none says which encoder is the better one. Fine-tuning does.", Compare(electra, bert));
    }

    [Fact]
    public void A_comparison_has_each_methods_own_measures_and_totals()
    {
        var bert = CreateMethod("bert", "bert", """{"kind": "masked_language_modelling", "next_sentence": true}""", steps: 2);
        var all = CreateMethod("all", "electra", """{"kind": "replaced_language_modelling", "predicts_all_tokens": true}""", steps: 4);

        var html = Compare(bert, all);

        foreach (var row in (string[])
        [
            "Method</th><td>BERT</td><td>All-Tokens MLM</td>", "Steps</th><td>2</td><td>4</td>", "Tokens seen</th><td>2,000</td><td>4,000</td>",
            "Share of tokens in the loss</th><td>0.1500</td><td>0.1500</td>", "FLOPs</th><td>2.000 B</td><td>4.000 B</td>", "Training time</th><td>2 min 0 s</td><td>4 min 0 s</td>",
            "Held-out: Masked token accuracy</th><td>0.4000</td><td>0.8000</td>", "Held-out: Masked token perplexity</th><td>7.389</td><td>\u2013</td>", // e squared; the mean over all tokens is none
        ]) Assert.Contains(row, html);
    }

    [Fact]
    public void Runs_that_spent_differently_are_compared_at_the_compute_of_the_smallest()
    {
        const string objective = """{"kind": "masked_language_modelling"}""";
        var (shorter, longer) = (CreateMethod("a", "bert", objective, steps: 2), CreateMethod("b", "bert", objective, steps: 4));

        var html = Compare(shorter, longer);

        Assert.Contains("within 2.000 B FLOPs, which all of them spent", html);
        Assert.Contains("Masked token accuracy</th><td>0.4000</td><td>0.8000</td>", html);
        Assert.Contains("Masked token accuracy</th><td>0.4000</td><td>0.4000</td>", html);
        Assert.DoesNotContain("Figures at equal compute", Compare(shorter, shorter));
    }

    [Fact]
    public void Means_of_recent_steps_are_called_so()
    {
        var html = Report(CreateRun("small", method: "electra"));

        Assert.Contains("<dt>Training loss, recent mean</dt><dd>14.50</dd>", html);
        Assert.Contains("<dt>Held-out AUC</dt><dd>0.5000</dd>", html);
    }

    [Fact]
    public void Runs_of_the_same_name_are_told_apart_by_their_parents()
    {
        var html = Compare(CreateRun("x/run", method: "electra"), CreateRun("y/run", method: "bert"));

        Assert.Contains("<th scope=\"col\">x/run</th><th scope=\"col\">y/run</th>", html);
    }

    [Fact]
    public void A_directory_without_metrics_is_no_run()
    {
        var run = CreateRun("a", method: "electra");
        var other = Directory.CreateDirectory(_folder["other"]).FullName;

        Assert.StartsWith($"{other}: no metrics.jsonl", Assert.Throws<InvalidDataException>(() => Compare(run, other)).Message);
    }

    [Fact]
    public void A_damaged_recipe_is_named_with_its_line()
    {
        var run = CreateRun("a", method: "electra");
        File.WriteAllText(Path.Combine(run, "recipe.json"), "{\n\"run\": {\n");

        Assert.Contains("recipe.json: line 3", Assert.Throws<InvalidDataException>(() => Report(run)).Message);
    }

    /// <summary>Ten training lines and two evaluations with figures that can be checked by eye.</summary>
    string CreateRun(string name, string method)
    {
        var run = Directory.CreateDirectory(_folder[name]).FullName;
        File.WriteAllText(Path.Combine(run, "recipe.json"), $$"""
            // comments are fine
            {"model": {"generator": {"num_layers": 4} }, "objective": {"kind": "{{method}}" }, "run": {"steps": 1000, "seed": 0},}
            """);
        File.WriteAllText(Path.Combine(run, "manifest.json"), """{"libtorch": "2.10.0", "hardware": {"cores": 2}}""");
        using var log = MetricsLog.Open(Path.Combine(run, "metrics.jsonl"));
        for (var step = 10; step <= 100; step += 10)
        {
            log.Append(new MetricsEntry(step, MetricsEntry.Train, new Dictionary<string, double>
            {
                ["loss"] = 20 - step / 10.0, ["discriminator_auc"] = 0.5 + step / 1000.0, ["gradient_norm"] = step == 50 ? double.NaN : 1, ["learning_rate"] = 5e-4,
                ["tokens_per_second"] = 8192, ["utilisation"] = 0.4, ["tokens_seen"] = step * 4096, ["flops"] = step * 1e12, ["elapsed_seconds"] = step / 2.0,
                ["my_own_figure"] = step,
            }));
            if (step % 50 == 0)
                log.Append(new MetricsEntry(step, MetricsEntry.Evaluation, new Dictionary<string, double> { ["loss"] = 21 - step / 10.0, ["discriminator_auc"] = 0.5 }));
        }
        return run;
    }

    /// <summary>A step costs a billion operations and a minute and shows 1,000 tokens; accuracy rises by a fifth a step.</summary>
    string CreateMethod(string name, string family, string objective, int steps)
    {
        var run = Directory.CreateDirectory(_folder[name]).FullName;
        File.WriteAllText(Path.Combine(run, "recipe.json"), $$"""{"model": {"family": "{{family}}"}, "objective": {{objective}}}""");
        using var log = MetricsLog.Open(Path.Combine(run, "metrics.jsonl"));
        for (var step = 1; step <= steps; step++)
        {
            var spent = new Dictionary<string, double> { ["tokens_seen"] = 1000 * step, ["flops"] = 1e9 * step, ["elapsed_seconds"] = 60 * step };
            log.Append(new MetricsEntry(step, MetricsEntry.Train, new Dictionary<string, double>(spent) { ["loss"] = 3, ["loss_token_share"] = 0.15 }));
            log.Append(new MetricsEntry(step, MetricsEntry.Evaluation, new Dictionary<string, double>(spent) { ["mlm_loss"] = 2, ["mlm_accuracy"] = 0.2 * step }));
        }
        return run;
    }

    static string Report(string run, string? title = null)
    {
        RunReport.Write(run, title: title);
        return File.ReadAllText(Path.Combine(run, RunReport.FileName));
    }

    string Compare(params string[] runs)
    {
        ComparisonReport.Write(runs, _folder["comparison.html"]);
        return File.ReadAllText(_folder["comparison.html"]);
    }

    static List<string> Headings(string html) => [.. Heading().Matches(html).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("<h2>(.*?)</h2>")]
    private static partial Regex Heading();

    [GeneratedRegex("<label for=[^>]*>(.*?)</label>")]
    private static partial Regex Label();

    [GeneratedRegex(" id=\"(.*?)\"")]
    private static partial Regex Id();

    [GeneratedRegex("https?:|<link|src=|@import|url\\((?!#)")]
    private static partial Regex ReferenceElsewhere();
}
