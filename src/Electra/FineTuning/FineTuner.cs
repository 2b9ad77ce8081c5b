using System.Diagnostics;
using Electra.Checkpoints;
using Electra.FineTuning.Report;
using Electra.FineTuning.Tasks;
using Electra.Model;
using Electra.Numerics;
using Electra.Pretraining;
using Electra.Reporting;
using Electra.Tokenization;
using Electra.Training;
using static TorchSharp.torch;

namespace Electra.FineTuning;

/// <summary>Fine-tunes a pretrained encoder on a task, one run. The loop is <see cref="Run"/>; everything else prepares or ends it.</summary>
public sealed class FineTuner : IDisposable
{
    readonly FineTuningUnit _unit;
    readonly FineTuningRecipe _recipe;
    readonly FineTuningManifest _manifest;
    readonly string _path;
    readonly TaskSets _sets;
    readonly ITokenizer _tokenizer;
    readonly PretrainedNetwork _network;
    readonly AdamW _optimizer;
    readonly ITaskObjective _objective;
    readonly BatchGradient _gradient;
    readonly RowScorer _scorer;
    readonly TrainingRows _rows;
    readonly TrainingHealth _health = new(remedy: "a lower schedule.peak or a larger schedule.warmup_share");
    readonly MetricsLog _log;
    readonly IProgress<FineTuningProgress> _progress;
    readonly long _started = Stopwatch.GetTimestamp();
    FineTuningState _state;
    (long Tokens, double Seconds) _logged;

    /// <summary>Begins a run, or goes on from its newest undamaged checkpoint.</summary>
    /// <param name="unit">Which run of the recipe.</param>
    /// <param name="sets">The task's data, encoded.</param>
    /// <param name="model">What to begin from.</param>
    /// <param name="manifest">Of the fine-tuning.</param>
    /// <param name="path">Where the run is written.</param>
    /// <param name="progress">Told of steps and warnings.</param>
    /// <exception cref="InvalidDataException">Model, data and recipe do not fit each other, or the data is not that of the run.</exception>
    public FineTuner(FineTuningUnit unit, TaskSets sets, InitialEncoder model, FineTuningManifest manifest, string path, IProgress<FineTuningProgress> progress)
    {
        (_unit, _sets, _manifest, _path, _progress, _tokenizer) = (unit, sets, manifest, path, progress, model.Tokenizer);
        _rows = RowsOf(unit.Recipe, sets);
        _recipe = unit.Recipe with { Run = unit.Recipe.Run with { Steps = StepsOf(unit.Recipe.Run, _rows) } };
        FineTuningRun.WriteStart(path, _recipe, manifest with { NumSeeds = 1 }, sets.Task);

        _network = model.Build(sets, _recipe, note => Report(message: note));
        _network.UseKernels(get_num_threads());
        var parameters = _network.Flatten();
        _optimizer = new AdamW(_recipe.Optimizer, parameters, _recipe.LayerwiseDecay.Factors(parameters, _network.Config.Encoder.NumHiddenLayers));
        _objective = ITaskObjective.Of(_network, sets.Task, ClassLoss.Of(_recipe.Head, sets.Labels, sets.Training));
        _gradient = new BatchGradient(_network, _objective, _recipe.Batch.MicroBatch, _recipe.Run.Seed);
        _scorer = new RowScorer(_network, _objective);

        var fresh = FineTuningState.Start(_rows.Identity, _tokenizer.Identity);
        _state = FineTuningCheckpoint.Load(path, parameters, _optimizer, message => Report(message: message)) ?? fresh;
        if (_state.DataIdentity != fresh.DataIdentity || _state.TokenizerIdentity != fresh.TokenizerIdentity)
            throw new InvalidDataException($"{path} was begun on another training set or vocabulary: that would be another run. Give the data it was begun on, or another --out.");
        var metrics = Path.Combine(path, "metrics.jsonl");
        if (File.Exists(metrics)) MetricsLog.TruncateAfter(metrics, _state.Step == 0 ? -1 : _state.Step);
        _log = MetricsLog.Open(metrics);
        _logged = (_state.TokensSeen, _state.ElapsedSeconds);
    }

    /// <summary>Refuses what cannot be trained, before anything is written.</summary>
    /// <exception cref="InvalidDataException">Model, data and recipe do not fit each other, or the weights are damaged.</exception>
    public static void Check(FineTuningRecipe recipe, TaskSets sets, InitialEncoder model)
    {
        _ = RowsOf(recipe, sets);
        TaskMetrics.CheckLabels(sets.Task, sets.Labels);
        _ = ClassLoss.Of(recipe.Head, sets.Labels, sets.Training);
        using var network = model.Build(sets, recipe, _ => { });
    }

    /// <summary>Trains to the last step or until gains fail to come, keeps the best weights and writes the result.</summary>
    /// <returns>The result, or null if cancelled: then the last whole step is saved.</returns>
    /// <exception cref="ArithmeticException">Ten steps in a row gave numbers that are not finite.</exception>
    public FineTuningResult? Run(CancellationToken cancellation)
    {
        if (_state.Step > 0) Report(message: $"The run goes on at step {_state.Step:N0}.");
        var schedule = _recipe.Schedule.Of(_recipe.Run.Steps);
        while (_state.Step < _recipe.Run.Steps && !_state.HasStopped)
        {
            var started = Stopwatch.GetTimestamp();
            var rows = _rows.Batch(_state.Epoch, _state.Index);
            var isEmpty = _objective.Weight(rows) == 0;         // no label: nothing to learn, and no mean of nothing

            // ---- one training step -----------------------------------------------------------------
            if (_gradient.Add(rows, _state.Step, cancellation) is not { } loss)
            {
                _network.Flatten().ClearGradients();
                break;
            }
            var gradientNorm = _optimizer.GradientNorm();
            var learningRate = schedule.At(_state.Step, _recipe.Run.Steps);
            var fault = isEmpty ? null : _health.FindFault(_state.Step, loss, gradientNorm, rows.Count);
            if (fault is null && !isEmpty) _optimizer.Step(learningRate, gradientNorm, _state.NumUpdates + 1);
            else _network.Flatten().ClearGradients();
            // ----------------------------------------------------------------------------------------

            Advance(rows, fault is not null, isEmpty, Stopwatch.GetElapsedTime(started).TotalSeconds);
            if (fault is not null) Report(message: fault);
            if (isEmpty && _state.NumEmpty == 1) Report(message: $"Step {_state.Step:N0}: no row of the batch has a label; such steps change nothing.");
            if (IsDue(_recipe.Run.LogEvery)) LogStep(loss, gradientNorm, learningRate);
            else Report();
            if (_sets.Dev.Count > 0 && (_recipe.Run.EvaluateEvery > 0 ? IsDue(_recipe.Run.EvaluateEvery) : _state.Index == 0 || IsDue(_recipe.Run.Steps))) Evaluate();
            if (IsDue(_recipe.Run.SaveEvery) && _state.Step < _recipe.Run.Steps) Save();
        }
        if (_state.Step < _recipe.Run.Steps && !_state.HasStopped)
        {
            if (_state.Step > 0) Save();
            return null;
        }
        return Finish();
    }

    /// <summary>Ends a run that <see cref="Run"/> has given up, where others of its recipe go on: its result has no value but the reason.</summary>
    /// <param name="reason">What went wrong, and the way out.</param>
    public FineTuningResult Fail(string reason)
    {
        _log.Flush();
        RunReport.Write(_path);
        var majority = _sets.Dev.ToDictionary(set => set.Name, set => set.Judge(_sets.MajorityOn(set)));
        return Finish(new Dictionary<string, IReadOnlyDictionary<string, double>>(), majority, _state.BestStep, hasFailed: true, reason);
    }

    /// <summary>Releases weights, moments and files.</summary>
    public void Dispose()
    {
        _log.Dispose();
        _optimizer.Dispose();
        _network.Dispose();
    }

    string ModelPath => Path.Combine(_path, "model");

    void Advance(IReadOnlyList<EncodedExample> rows, bool isSkipped, bool isEmpty, double seconds)
    {
        var isEpochDone = _state.Index + 1 == _rows.BatchesPerEpoch;
        var config = _network.Config;
        _state = _state with
        {
            Step = _state.Step + 1,
            Epoch = _state.Epoch + (isEpochDone ? 1 : 0),
            Index = isEpochDone ? 0 : _state.Index + 1,
            NumSkipped = _state.NumSkipped + (isSkipped ? 1 : 0),
            NumEmpty = _state.NumEmpty + (isEmpty ? 1 : 0),
            ExamplesSeen = _state.ExamplesSeen + rows.Count,
            TokensSeen = _state.TokensSeen + rows.Sum(row => (long)row.Length),
            Flops = _state.Flops + ForwardFlops.TrainingFactor * rows.Sum(row => ForwardFlops.Encoder(config.Encoder, row.Length) + ForwardFlops.TaskHead(config, row.Length)),
            ElapsedSeconds = _state.ElapsedSeconds + seconds,
        };
    }

    bool IsDue(long interval) => _state.Step % interval == 0 || _state.Step == _recipe.Run.Steps;

    void LogStep(double loss, double gradientNorm, double learningRate)
    {
        var seconds = _state.ElapsedSeconds - _logged.Seconds;
        var values = new Dictionary<string, double>
        {
            ["loss"] = loss,
            ["gradient_norm"] = gradientNorm,
            ["learning_rate"] = learningRate,
            ["tokens_per_second"] = (_state.TokensSeen - _logged.Tokens) / seconds,
            ["tokens_seen"] = _state.TokensSeen,
            ["flops"] = _state.Flops,
            ["skipped_steps"] = _state.NumSkipped,
            ["elapsed_seconds"] = _state.ElapsedSeconds,
        };
        _logged = (_state.TokensSeen, _state.ElapsedSeconds);
        _log.Append(new MetricsEntry(_state.Step, MetricsEntry.Train, values));
        Report(values);
    }

    /// <summary>Judges the dev sets, keeps the weights if they are the best so far, and stops the run if gains have failed to come.</summary>
    void Evaluate()
    {
        var values = new Dictionary<string, double>();
        double? threshold = null;
        foreach (var set in _sets.Dev)
        {
            var predictions = set.Predict(_scorer);
            if (set == _sets.Dev[0]) threshold = set.NoAnswerThreshold(predictions);
            foreach (var (name, value) in set.Judge(predictions)) values[set == _sets.Dev[0] ? name : $"{set.Name}.{name}"] = value;
        }
        _log.Append(new MetricsEntry(_state.Step, MetricsEntry.Evaluation, values));
        var main = values[_sets.Task.ChosenMetric];
        var isBest = _state.BestStep == 0 || IsBetter(main, _state.BestMetric ?? double.NaN);
        var numWithoutGain = isBest ? 0 : _state.NumWithoutGain + 1;
        _state = _state with
        {
            BestStep = isBest ? _state.Step : _state.BestStep,
            BestMetric = isBest ? (double.IsFinite(main) ? main : null) : _state.BestMetric,
            NumWithoutGain = numWithoutGain,
            HasStopped = _recipe.Run.Patience > 0 && numWithoutGain >= _recipe.Run.Patience,
        };
        if (isBest && _recipe.Run.KeepsBest) SaveModel(threshold);
        Report(values, isEvaluation: true);
        if (_state.HasStopped) Report(message: $"Step {_state.Step:N0}: {numWithoutGain} evaluations in a row without a gain in {_sets.Task.ChosenMetric}: the run stops.");
    }

    bool IsBetter(double value, double than) =>
        double.IsFinite(value) && (!double.IsFinite(than) || (TaskMetrics.IsError(_sets.Task.ChosenMetric) ? value < than : value > than));

    FineTuningResult Finish()
    {
        var keepsBest = _recipe.Run.KeepsBest && _state.BestStep > 0;
        if (keepsBest && _state.BestStep < _state.Step)
        {
            ModelDirectory.LoadInto(ModelPath, _network.Config.Architecture, _network.Parameters);
            _network.Flatten().MarkChanged();
        }

        var metrics = new Dictionary<string, IReadOnlyDictionary<string, double>>();
        var majority = new Dictionary<string, IReadOnlyDictionary<string, double>>();
        var (hasFailed, evaluated) = (false, new List<EvaluatedSet>());
        double? threshold = null;
        foreach (var set in _sets.Dev)
        {
            var predictions = set.Predict(_scorer);
            if (set == _sets.Dev[0]) threshold = set.NoAnswerThreshold(predictions);
            metrics[set.Name] = set.Judge(predictions);
            majority[set.Name] = set.Judge(_sets.MajorityOn(set));
            var isCollapsed = set.IsCollapsed(predictions);
            hasFailed |= isCollapsed;
            evaluated.Add(new EvaluatedSet(set.Dataset, predictions, metrics[set.Name], isCollapsed, set.NoAnswerThreshold(predictions)));
            PredictionFiles.Write(StoredPredictions.FolderOf(ModelPath), set, predictions, threshold);
        }
        if (!keepsBest) SaveModel(threshold);
        StoredPredictions.WriteManifest(ModelPath, _sets.Dev);
        if (evaluated.Count == 0) RunReport.Write(_path);
        else EvaluationReport.Write(Path.Combine(_path, RunReport.FileName), $"{_sets.Task.Name}: {_unit.Name}", evaluated, _path);
        return Finish(metrics, majority, keepsBest ? _state.BestStep : _state.Step, hasFailed);
    }

    FineTuningResult Finish(
        Dictionary<string, IReadOnlyDictionary<string, double>> metrics, Dictionary<string, IReadOnlyDictionary<string, double>> majority,
        long bestStep, bool hasFailed, string? failure = null)
    {
        var value = metrics.Count > 0 ? metrics[_sets.Dev[0].Name][_sets.Task.ChosenMetric] : double.NaN;
        var result = new FineTuningResult(
            _unit.Name, _sets.Task.Name, _manifest.HasRandomWeights ? null : Path.GetFileName(Path.TrimEndingDirectorySeparator(_manifest.From)),
            _recipe.Run.Seed, _recipe.Schedule.Peak[0], _recipe.Batch.Size[0], _rows.NumExamples, _state.Step, bestStep, _state.NumSkipped,
            _sets.Task.ChosenMetric, value, hasFailed, metrics, majority,
            _state.ElapsedSeconds, Stopwatch.GetElapsedTime(_started).TotalSeconds, _state.TokensSeen / _state.ElapsedSeconds, _network.NumParameters,
            ComputeDevice.Describe(_network.Precision, _network.Encoder.KernelPrecision), DateTimeOffset.UtcNow, failure);
        FineTuningRun.WriteResult(_path, result);
        FineTuningCheckpoint.Remove(_path);
        return result;
    }

    void SaveModel(double? noAnswerThreshold)
    {
        var figures = _state.BestMetric is { } best ? new Dictionary<string, string> { [$"{_sets.Task.ChosenMetric} on {_sets.Dev[0].Name}"] = $"{best:F4}" } : null;
        var card = new ModelCard(
            $"{_sets.Task.Name}: {_unit.Name}", _sets.Task.Name, _state.Step, figures,
            BaseModel: _manifest.HasRandomWeights ? null : Path.GetFileName(Path.TrimEndingDirectorySeparator(_manifest.From)));
        TaskModel.Save(ModelPath, _network, _tokenizer, _sets.Task, new TaskModelSettings(_recipe.Batch.MaxLength, noAnswerThreshold), card);
    }

    void Save()
    {
        _log.Flush();
        FineTuningCheckpoint.Save(_path, _state, _network.Flatten(), _optimizer);
        RunReport.Write(_path);
    }

    void Report(IReadOnlyDictionary<string, double>? metrics = null, bool isEvaluation = false, string? message = null) =>
        _progress.Report(new FineTuningProgress(_state?.Step ?? 0, _recipe.Run.Steps, metrics, isEvaluation, message));

    static TrainingRows RowsOf(FineTuningRecipe recipe, TaskSets sets)
    {
        var sharesLabel = sets.Task.Kind is not (TaskKind.Tagging or TaskKind.QuestionAnswering);
        return new TrainingRows(sets.Training, sharesLabel, recipe.Batch.Size[0], recipe.Run.Seed);
    }

    static long StepsOf(FineTuningRunConfig run, TrainingRows rows) =>
        run.Steps > 0 ? run.Steps : Math.Max(1, (long)Math.Round(run.Epochs * rows.BatchesPerEpoch));
}
