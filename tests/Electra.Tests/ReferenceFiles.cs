namespace Electra.Tests;

/// <summary>Stored reference inputs and outputs, copied beside the tests.</summary>
static class ReferenceFiles
{
    /// <summary>The path of a file or folder below <c>Reference/</c>.</summary>
    public static string Get(params string[] parts) => Path.Combine([AppContext.BaseDirectory, "Reference", .. parts]);
}
