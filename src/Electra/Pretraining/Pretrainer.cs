using System.Diagnostics;
using Electra.Corpus;
using Electra.Objectives;
using Electra.Tokenization;
using Electra.Training;

namespace Electra.Pretraining;

/// <summary>Pretrains the networks of an objective on a dataset. The loop is <see cref="Run"/>; everything else prepares it.</summary>
public sealed class Pretrainer : IDisposable
{
    readonly PretrainingRecipe _recipe;
    readonly RunDirectory _run;
    readonly RunLog _log;
    readonly ITokenizer _tokenizer;
    readonly AdamW _optimizer;
    readonly IPretrainingObjective _objective;
    readonly RunPlan _plan;
    readonly PretrainingText _text;
    readonly TrainingHealth _health;
    readonly IProgress<PretrainingProgress> _progress;
    readonly IDisposable _lock;
    RunState _state;

    Pretrainer(PretrainingRecipe recipe, ITokenizer tokenizer, IPretrainingObjective objective, RunPlan plan, PretrainingText text, RunDirectory run, RunManifest manifest, RunState state, IProgress<PretrainingProgress> progress, IDisposable runLock)
    {
        _lock = runLock;
        (_recipe, _run, _tokenizer, _objective, _plan, _text, _state, _progress) = (recipe, run, tokenizer, objective, plan, text, state, progress);
        _optimizer = new AdamW(recipe.Optimizer, objective.Parameters, objective.RateFactors);
        _health = new TrainingHealth(objective.Stagnation);
        if (RunEnvironment.WarningOf(recipe.Precision) is { } warning) Report(message: warning);
        if (RunEnvironment.WarningOfSizes(recipe.Precision, objective.KernelPrecision) is { } slower) Report(message: slower);
        if (plan.WarningOfWarmup() is { } warmup) Report(message: warmup);
        _log = new RunLog(run, manifest, state);
    }

    /// <summary>Begins a run in a new directory.</summary>
    /// <param name="recipe">How it goes.</param>
    /// <param name="dataset">What it reads.</param>
    /// <param name="outputDirectory">Where it is written.</param>
    /// <param name="progress">Told of steps and warnings.</param>
    /// <param name="initial">A model to continue from; null begins with random weights.</param>
    /// <exception cref="InvalidDataException">The recipe cannot be, its budget does not pay for a step, the directory is taken, or the dataset was built with another tokenizer than the model's.</exception>
    public static Pretrainer Start(
        PretrainingRecipe recipe, TokenizedDataset dataset, string outputDirectory, IProgress<PretrainingProgress> progress, InitialModel? initial = null)
    {
        if (initial is not null) recipe = initial.Adapt(recipe);
        recipe.Check("recipe");
        RunDirectory.RefuseExisting(outputDirectory);
        var tokenizer = RunCompatibility.CheckDataset(dataset);
        if (initial is not null) RunCompatibility.CheckTokenizer(initial, tokenizer.Identity);
        var plan = new RunPlan(recipe);
        plan.CheckBudget(recipe.Cost(tokenizer.Vocabulary.Count));
        var text = new PretrainingText(recipe, plan, dataset, tokenizer);
        var objective = PretrainingObjectives.Build(recipe, tokenizer);
        objective.Parameters.Initialize(recipe.Run.Seed, recipe.Model.InitializerRange);
        initial?.Fill(objective, recipe.Run.Seed, note => progress.Report(new PretrainingProgress(0, recipe.Run.Steps, Message: note)));
        var manifest = RunEnvironment.Describe(recipe, dataset, objective) with { From = initial?.Path };
        var run = RunDirectory.Create(outputDirectory, recipe, manifest);
        var state = new RunState(0, 0, 0, 0, 0, 0, 0, dataset.Identity, tokenizer.Identity, recipe);
        var pretrainer = new Pretrainer(recipe, tokenizer, objective, plan, text, run, manifest, state, progress, run.Lock());
        // Resuming a run that was killed before its first checkpoint would not find the model again.
        if (initial is not null) pretrainer.Save();
        return pretrainer;
    }

    /// <summary>Goes on from the newest undamaged checkpoint of a run, or from its beginning if there is none yet.</summary>
    /// <param name="run">The run.</param>
    /// <param name="recipe">Its recipe, perhaps with changes; those that would make another run are refused.</param>
    /// <param name="dataset">The data it was started on.</param>
    /// <param name="progress">Told of steps and warnings.</param>
    /// <exception cref="InvalidDataException">Data, vocabulary or recipe are not those of the run.</exception>
    public static Pretrainer Resume(RunDirectory run, PretrainingRecipe recipe, TokenizedDataset dataset, IProgress<PretrainingProgress> progress)
    {
        recipe.Check(run.Path);
        var runLock = run.Lock();
        try
        {
            return Resume(run, recipe, dataset, progress, runLock);
        }
        catch
        {
            runLock.Dispose();
            throw;
        }
    }

    static Pretrainer Resume(RunDirectory run, PretrainingRecipe recipe, TokenizedDataset dataset, IProgress<PretrainingProgress> progress, IDisposable runLock)
    {
        void Warn(string message) => progress.Report(new PretrainingProgress(0, recipe.Run.Steps, Message: message));

        var manifest = run.ReadManifest();
        var tokenizer = RunCompatibility.CheckDataset(dataset);
        RunCompatibility.CheckData(manifest, dataset.Identity, tokenizer.Identity);
        var checkpoint = run.FindCheckpoint(recipe, Warn);
        var state = checkpoint is { } found
            ? RunCheckpoint.LoadState(found.Directory)
            : new RunState(0, 0, 0, 0, 0, 0, 0, dataset.Identity, tokenizer.Identity, run.ReadRecipe());
        RunCompatibility.CheckBudget(state, recipe); // before anything says that the run goes on
        RunCompatibility.CheckRecipe(state.Recipe, recipe, Warn);

        var plan = new RunPlan(recipe);
        plan.CheckBudget(recipe.Cost(tokenizer.Vocabulary.Count));
        var text = new PretrainingText(recipe, plan, dataset, tokenizer);
        var objective = PretrainingObjectives.Build(recipe, tokenizer);
        objective.Parameters.Initialize(recipe.Run.Seed, recipe.Model.InitializerRange);
        var present = RunEnvironment.Describe(recipe, dataset, objective);
        RunCompatibility.WarnOfOtherMachine(manifest, present, Warn);
        // Without a checkpoint the run begins anew, and so does its log, the evaluation before the first step included.
        run.TruncateMetrics(checkpoint is null ? -1 : state.Step, Warn);
        run.WriteRecipe(recipe);
        var pretrainer = new Pretrainer(recipe, tokenizer, objective, plan, text, run, present, state with { Recipe = recipe }, progress, runLock);
        if (checkpoint is { } newest) RunCheckpoint.LoadWeights(newest.Directory, objective, pretrainer._optimizer);
        return pretrainer;
    }

    /// <summary>Trains until the recipe's last step or budget, or until cancelled: then the last whole step is saved.</summary>
    /// <returns>True if the run is complete, false if it was interrupted.</returns>
    /// <exception cref="ArithmeticException">Ten steps in a row gave numbers that are not finite.</exception>
    public bool Run(CancellationToken cancellation)
    {
        if (_plan.IsOver(_state))
        {
            Report(message: $"The run is complete at step {_state.Step:N0}. To go on, give it more steps or budget: --set run.steps=N");
            RunCheckpoint.SaveModel(_run.ModelPath, _objective, _tokenizer);
            return true;
        }
        if (_state.Step > 0) Report(message: $"The run goes on at step {_state.Step:N0}.");

        var step = new TrainingStep(_objective, _recipe.Run.Seed, _tokenizer.SpecialTokens.Padding);
        var prefetch = Prefetch(_state);
        if (_state.Step == 0) Evaluate();

        while (!_plan.IsOver(_state))
        {
            var started = Stopwatch.GetTimestamp();
            var (rows, shape, next) = prefetch.GetAwaiter().GetResult();
            prefetch = Prefetch(next);

            // ---- one training step -----------------------------------------------------------------
            var sums = step.Accumulate(rows, shape.MicroBatch, _state.Step, _plan.Progress(_state), () => cancellation.IsCancellationRequested);
            if (sums is null) break;
            var gradientNorm = _optimizer.GradientNorm();
            var learningRate = _plan.LearningRate(_state);
            var fault = _health.FindFault(_state.Step, sums.TotalLoss, gradientNorm, sums.NumTargets);
            if (fault is null) _optimizer.Step(learningRate, gradientNorm, _state.Step - _state.NumSkipped + 1);
            else _objective.Parameters.ClearGradients();
            // ----------------------------------------------------------------------------------------

            _state = next with
            {
                NumSkipped = _state.NumSkipped + (fault is null ? 0 : 1),
                ElapsedSeconds = _state.ElapsedSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds,
            };
            var isOver = _plan.IsOver(_state);
            if (fault is not null) Report(message: fault);
            if (_state.Step % _recipe.Run.LogEvery == 0 || isOver) Report(_log.WriteStep(_state, sums, gradientNorm, learningRate));
            else Report();
            if (IsDue(_recipe.Run.EvaluateEvery) || isOver) Evaluate();
            if (IsDue(_recipe.Run.SaveEvery) && !isOver) Save();
        }

        if (_state.Step > 0) Save();
        if (!_plan.IsOver(_state)) return false;
        RunCheckpoint.SaveModel(_run.ModelPath, _objective, _tokenizer);
        return true;
    }

    /// <summary>Reads the batch of the next step while the present one goes on.</summary>
    /// <param name="state">The run as it will be then; the time may be a step behind.</param>
    /// <returns>The rows, what kind of batch they are, and the state after them, but for skipped steps and time.</returns>
    Task<(IReadOnlyList<MaskedExample> Rows, BatchShape Shape, RunState Next)> Prefetch(RunState state) => Task.Run(() =>
    {
        var shape = _plan.ShapeAt(state);
        // Another phase cuts the text anew: it begins an epoch of its own.
        var position = shape.Phase == state.Phase ? state.Position : new DataPosition(state.Epoch + 1, 0);
        var (rows, after) = _text.Batches[shape.Phase].Read(position, shape.Size);
        return (rows, shape, state with
        {
            Step = state.Step + 1,
            Epoch = after.Epoch,
            Index = after.Index,
            Phase = shape.Phase,
            TokensSeen = state.TokensSeen + rows.Sum(row => (long)row.Ids.Length),
            Flops = state.Flops + rows.Sum(row => _objective.Cost.Of(row.Ids.Length, row.Positions.Length)),
        });
    }, CancellationToken.None);

    /// <summary>What is learnt, with the networks as they are now; released with this.</summary>
    public IPretrainingObjective Objective => _objective;

    /// <summary>The figures on held-out text with the networks as they are now.</summary>
    public ObjectiveSums EvaluateHeldOut() => _text.HeldOut.Run(_objective);

    /// <summary>Releases weights, moments and files.</summary>
    public void Dispose()
    {
        _log.Dispose();
        _optimizer.Dispose();
        _objective.Dispose();
        _lock.Dispose();
    }

    bool IsDue(long interval) => interval > 0 && _state.Step % interval == 0;

    void Evaluate()
    {
        var metrics = _log.WriteEvaluation(_state, _text.HeldOut.Run(_objective));
        Report(metrics, isEvaluation: true);
        if (_state.Step > 0 && _health.FindStagnation(_state.Step, metrics) is { } warning) Report(message: warning);
    }

    void Save()
    {
        _log.Flush();
        RunCheckpoint.Save(_run, _state, _objective, _optimizer, _tokenizer);
    }

    void Report(IReadOnlyDictionary<string, double>? metrics = null, bool isEvaluation = false, string? message = null) =>
        _progress.Report(new PretrainingProgress(_state.Step, _plan.TotalSteps(_state), metrics, isEvaluation, message));
}
