using System.CommandLine;
using Electra.Reporting;

namespace Electra.Cli;

/// <summary>electra report: the page of one run, or several runs side by side.</summary>
static class ReportCommand
{
    public static Command Create()
    {
        var runs = new Argument<string[]>("RUN") { Arity = ArgumentArity.OneOrMore, Description = "Run directories." };
        var output = new Option<string?>("--out") { Description = "The HTML file; for one run its report.html if not given." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Write --out even over a file that is no report." };
        var title = new Option<string?>("--title") { Description = "The page's title." };
        var command = new Command("report", "Write the report of a run, or compare several runs on one page.") { runs, output, overwrite, title };
        command.SetAction(parsed =>
        {
            var directories = parsed.GetRequiredValue(runs);
            foreach (var directory in directories)
                if (!Directory.Exists(directory)) throw new DirectoryNotFoundException($"{directory}: no such run directory.");
            Console.WriteLine(Write(directories, parsed.GetValue(output), parsed.GetValue(overwrite), parsed.GetValue(title)));
        });
        return command;
    }

    static string Write(string[] runs, string? output, bool overwrites, string? title)
    {
        if (runs.Length > 1 && output is null) throw new ArgumentException("Several runs need --out FILE for the page that compares them.");
        var path = output ?? Path.Combine(runs[0], RunReport.FileName);
        if (output is not null && !overwrites) HtmlPage.RefuseOther(output);
        var unreadable = runs.Length == 1 ? RunReport.Write(runs[0], path, title) : ComparisonReport.Write(runs, path, title);
        foreach (var line in unreadable) Console.Error.WriteLine($"warning: {line}");
        return path;
    }
}
