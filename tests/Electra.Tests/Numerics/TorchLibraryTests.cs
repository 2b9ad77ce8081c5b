using Electra.Numerics;

namespace Electra.Tests.Numerics;

/// <summary>Which libtorch is loaded, and what is said when there is none.</summary>
public sealed class TorchLibraryTests : IDisposable
{
    readonly string _torch = Directory.CreateTempSubdirectory("electra torch ").FullName;

    string Lib => Path.Combine(_torch, "lib");

    public TorchLibraryTests() => Directory.CreateDirectory(Lib);

    public void Dispose() => Directory.Delete(_torch, recursive: true);

    [Fact]
    public void The_loaded_library_tells_its_version_and_folder()
    {
        var library = TorchLibrary.EnsureLoaded();
        Assert.StartsWith("2.10.", library.Version);
        Assert.True(File.Exists(Path.Combine(library.Folder, "libtorch_cpu.so")));
    }

    [Fact]
    public void The_runtime_does_not_find_the_programs_own_libtorch_by_itself()
    {
        var folders = ((string)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")!).Split(':', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(folders, folder => File.Exists(Path.Combine(folder, "libLibTorchSharp.so")));
        Assert.DoesNotContain(folders, folder => File.Exists(Path.Combine(folder, "libtorch_cpu.so")));
    }

    [Fact]
    public void A_cpp_library_without_the_symbol_is_refused_with_the_remedy()
    {
        var refusal = Assert.Throws<PlatformNotSupportedException>(() => TorchLibrary.RequireCppLibrary("libm.so.6"));
        Assert.Contains("GLIBCXX_3.4.32", refusal.Message);
        Assert.Contains("eng/setup.sh", refusal.Message);
    }

    [Theory]
    [InlineData("detect", "--model", "no-such-model", "some text")]
    [InlineData("fill-mask", "--model", "no-such-model", "some [MASK]")]
    [InlineData("embed", "--model", "no-such-model", "some text")]
    [InlineData("import", "no-such-model", "--out", "no-such-output")]
    [InlineData("export", "no-such-model", "--out", "no-such-output")]
    [InlineData("verify", "no-such-model", "no-such-outputs.safetensors")]
    [InlineData("quickstart", "--out", "no-such-run")]
    public void A_command_that_lacks_libtorch_says_so_in_one_line(params string[] command)
    {
        var (code, output, errors) = ElectraProgram.RunWith([(TorchLibrary.FolderVariable, Lib)], command);
        Assert.Equal($"electra: ELECTRA_LIBTORCH={Lib}: there is no libc10.so. Give the lib folder of an installed PyTorch 2.10 (.../site-packages/torch/lib), or unset the variable.\n", errors);
        Assert.Equal("", output);
        Assert.Equal(3, code);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("pretrain", "--help")]
    public void Help_does_without_libtorch(params string[] command)
    {
        var (code, _, errors) = ElectraProgram.RunWith([(TorchLibrary.FolderVariable, Lib)], command);
        Assert.Equal((0, ""), (code, errors));
    }

    [Theory]
    [InlineData("version.py", "__version__ = '2.9.1+cu128'\ndebug = False\n", "2.9.1+cu128")]
    [InlineData("version.py", "from typing import Optional\n__version__ = \"2.11.0\"\n", "2.11.0")]
    [InlineData("build-version", "2.1.0+cpu\n", "2.1.0+cpu")]
    public void A_libtorch_of_another_version_is_refused_before_it_runs(string file, string content, string version)
    {
        // Files that no loader would accept: what refuses them has not tried.
        foreach (var library in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"]) File.WriteAllText(Path.Combine(Lib, library), "not a library");
        File.WriteAllText(Path.Combine(_torch, file), content);
        var (code, _, errors) = ElectraProgram.RunWith([(TorchLibrary.FolderVariable, Lib)], "embed", "--model", "no-such-model", "some text");
        Assert.Equal($"electra: {Lib}: libtorch has version {version}, TorchSharp needs 2.10.x. Install that PyTorch, unset ELECTRA_LIBTORCH, or set ELECTRA_LIBTORCH_UNCHECKED=1 to try at your own risk.\n", errors);
        Assert.Equal(3, code);
    }

    [Fact]
    public void A_damaged_libtorch_is_named_in_one_line()
    {
        foreach (var library in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"]) File.WriteAllText(Path.Combine(Lib, library), "not a library");
        var (code, _, errors) = ElectraProgram.RunWith([(TorchLibrary.FolderVariable, Lib)], "embed", "--model", "no-such-model", "some text");
        Assert.Equal($"electra: {Lib}/libc10.so cannot be loaded: {Lib}/libc10.so: file too short\n", errors);
        Assert.Equal(3, code);
    }

    [Fact]
    public void An_installed_libtorch_takes_the_place_of_the_programs_own()
    {
        foreach (var file in Directory.EnumerateFiles(TorchLibrary.EnsureLoaded().Folder)) File.CreateSymbolicLink(Path.Combine(Lib, Path.GetFileName(file)), file);
        File.WriteAllText(Path.Combine(_torch, "version.py"), "__version__ = '2.10.3+cpu'\n");
        // The first thing to fail is the model, not the library.
        var (code, _, errors) = ElectraProgram.RunWith([(TorchLibrary.FolderVariable, Lib)], "embed", "--model", "no-such-model", "some text");
        Assert.DoesNotContain("libtorch", errors);
        Assert.Contains("no-such-model", errors);
        Assert.Equal(2, code);
    }
}
