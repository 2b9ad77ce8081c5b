using System.Runtime.CompilerServices;
using Electra.Numerics;

namespace Electra.Tests;

/// <summary>Loads the libtorch that the program itself would use, ELECTRA_LIBTORCH heeded, before any test.</summary>
static class LibtorchOfTheTests
{
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "This assembly is the program.")]
    internal static void Load() => TorchLibrary.EnsureLoaded();
}
