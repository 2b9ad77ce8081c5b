namespace Electra.Tests.FineTuning;

/// <summary>Two seeds of the SST-2 recipe on invented reviews, trained once by the program itself.</summary>
public sealed class FineTunedReviews : IDisposable
{
    readonly TinyEncoder _encoder = new();

    public FineTunedReviews()
    {
        Directory.CreateDirectory(Data);
        InventedTasks.Write("sst2", Data);
        var (code, output, errors) = ElectraProgram.Run(
            "finetune", Recipe, "--data", Data, "--from", Encoder, "--out", Runs, "--seeds", "2",
            "--set", "run.steps=60", "--set", "batch.size=8", "--set", "batch.max_length=32", "--set", "schedule.peak=3e-3", "--set", "head.encoder_dropout=0", "--set", "precision=float32");
        Output = code == 0 ? output : throw new InvalidOperationException(errors);
    }

    public static string Recipe => Path.Combine(AppContext.BaseDirectory, "recipes", "sst2.json");

    public string Encoder => _encoder.ModelPath;

    public string Data => _encoder["sst2"];

    public string Runs => _encoder["runs"];

    public string Output { get; }

    public void Dispose() => _encoder.Dispose();
}
