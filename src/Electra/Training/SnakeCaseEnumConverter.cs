using System.Text.Json;
using System.Text.Json.Serialization;

namespace Electra.Training;

/// <summary>Writes an enumeration's members in snake case, as the rest of a recipe.</summary>
public sealed class SnakeCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) where T : struct, Enum;
