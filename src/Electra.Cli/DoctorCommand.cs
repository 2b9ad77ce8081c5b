using System.CommandLine;
using System.Text.Json;

namespace Electra.Cli;

/// <summary><c>electra doctor</c>: what this machine has, what will be used, what is missing and how to get it.</summary>
static class DoctorCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print the report as JSON." };
        var command = new Command("doctor", "What this machine has, what will be used, what is missing.") { json };
        command.SetAction(parsed =>
        {
            var report = DoctorReport.Examine();
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(report, DoctorJson.Default.DoctorReport));
            else
                foreach (var line in report.Lines()) Console.WriteLine(line);
            if (!report.LacksLibtorch) return ExitCodes.Success;
            Console.Error.WriteLine($"electra: {report.Missing[0].Remedy}");
            return ExitCodes.Machine;
        });
        return command;
    }
}
