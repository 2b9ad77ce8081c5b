using System.Text.Json;
using System.Text.Json.Serialization;
using Electra.Training;

namespace Electra.FineTuning.Tasks;

/// <summary>A task's JSON: strict, snake case, comments allowed by <see cref="RecipeFile"/>.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, IgnoreReadOnlyProperties = true,
    Converters =
    [
        typeof(SnakeCaseEnumConverter<TaskKind>), typeof(SnakeCaseEnumConverter<TaskFileType>), typeof(SnakeCaseEnumConverter<TagScheme>),
        typeof(SnakeCaseEnumConverter<WindowMerge>),
    ])]
[JsonSerializable(typeof(TaskDefinition))]
public sealed partial class TaskJson : JsonSerializerContext;
