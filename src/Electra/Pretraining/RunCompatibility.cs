using Electra.Corpus;
using Electra.Tokenization;

namespace Electra.Pretraining;

/// <summary>Says whether a run may go on with the data, the recipe and the machine at hand.</summary>
static class RunCompatibility
{
    /// <summary>Recomputes the dataset's checksums, which takes a moment beside a run of hours, and loads its tokenizer.</summary>
    /// <exception cref="InvalidDataException">The dataset is damaged, or its tokenizer is not the one it was built with.</exception>
    public static ITokenizer CheckDataset(TokenizedDataset dataset)
    {
        if (dataset.Verify() is [var problem, ..]) throw new InvalidDataException($"The dataset is damaged: {problem}. Build it again.");
        var tokenizer = TokenizerDirectory.Load(dataset.TokenizerDirectory);
        if (tokenizer.Identity != dataset.Manifest.TokenizerIdentity)
            throw new InvalidDataException($"{dataset.TokenizerDirectory} is not the tokenizer that the dataset was built with. Build the dataset again.");
        return tokenizer;
    }

    /// <exception cref="InvalidDataException">Data or vocabulary are not those of the run.</exception>
    public static void CheckData(RunManifest manifest, string datasetIdentity, string tokenizerIdentity)
    {
        if (manifest.TokenizerIdentity != tokenizerIdentity)
            throw new InvalidDataException($"The run was started with another vocabulary ({manifest.TokenizerIdentity}, here {tokenizerIdentity}). Give the dataset it was started on with --data.");
        if (manifest.DatasetIdentity != datasetIdentity)
            throw new InvalidDataException($"The run was started on another dataset ({manifest.DatasetIdentity}, here {datasetIdentity}). Give the one it was started on with --data, or start a new run.");
    }

    /// <exception cref="InvalidDataException">The dataset was built with another tokenizer than the model's own.</exception>
    public static void CheckTokenizer(InitialModel model, string datasetIdentity)
    {
        if (model.Tokenizer.Identity != datasetIdentity)
            throw new InvalidDataException($"The dataset was built with another tokenizer than the model's. Build it anew: electra corpus build --input TEXT --tokenizer {model.Path} --out DATASET");
    }

    /// <exception cref="InvalidDataException">A part of the recipe changed that makes another run of it.</exception>
    public static void CheckRecipe(PretrainingRecipe before, PretrainingRecipe now, Action<string> warn)
    {
        var alike = WithoutMicroBatches(now) with { Precision = before.Precision, Run = before.Run };
        if (alike != WithoutMicroBatches(before))
        {
            var section = now.Model != before.Model ? "model" : now.Objective != before.Objective ? "objective" : alike.Batch != WithoutMicroBatches(before).Batch ? "batch"
                : now.Optimizer != before.Optimizer ? "optimizer" : now.Schedule != before.Schedule ? "schedule" : "phases";
            throw new InvalidDataException($"The recipe's section '{section}' changed since the run was started: that would be another run. Only batch.micro_batch, precision and run.* may change.");
        }
        if (now != before) warn("The recipe changed in batch.micro_batch, precision or run.*: the run goes on, but not with the bits it would have had.");
    }

    /// <exception cref="InvalidDataException">A new number of steps or budget is less than what the run has done.</exception>
    public static void CheckBudget(RunState state, PretrainingRecipe recipe)
    {
        var (before, now) = (state.Recipe.Run, recipe.Run);
        if (now.Steps != before.Steps && state.Step > now.Steps)
            throw new InvalidDataException($"run.steps is {now.Steps:N0}, the run has done {state.Step:N0} already. Give it more.");
        if (now.BudgetFlops > 0 && now.BudgetFlops != before.BudgetFlops && state.Flops >= now.BudgetFlops)
            throw new InvalidDataException($"run.budget_flops {now.BudgetFlops:g6} is spent: the run has used {state.Flops:g6} in {state.Step:N0} steps of {state.Flops / state.Step:g6}. Give it more than that, or start a new run.");
        if (now.BudgetMinutes > 0 && now.BudgetMinutes != before.BudgetMinutes && state.ElapsedSeconds >= now.BudgetMinutes * 60)
            throw new InvalidDataException($"run.budget_minutes {now.BudgetMinutes} is spent: the run has trained {state.ElapsedSeconds / 60:g3} minutes in {state.Step:N0} steps of {state.ElapsedSeconds / state.Step:g3} s. Give it more than that, or start a new run.");
    }

    static PretrainingRecipe WithoutMicroBatches(PretrainingRecipe recipe) => recipe with
    {
        Batch = recipe.Batch with { MicroBatch = 1 },
        Phases = recipe.Phases is null ? null : [.. recipe.Phases.Select(phase => phase with { MicroBatch = 1 })],
    };

    public static void WarnOfOtherMachine(RunManifest before, RunManifest now, Action<string> warn)
    {
        (string Name, object Before, object Now)[] facts =
        [
            ("libtorch", before.Libtorch, now.Libtorch), ("device", before.Device, now.Device), ("precision", before.Precision, now.Precision), ("kernels", before.Kernels, now.Kernels),
            ("threads", before.Threads, now.Threads), ("processor", before.Processor, now.Processor), ("version", before.Version, now.Version),
        ];
        foreach (var (name, was, present) in facts)
            if (!was.Equals(present)) warn($"The run was started with {name} {was}, here it is {present}: results may differ in the last bits.");
    }
}
