namespace Electra.Tests.Scripts;

/// <summary>When <c>./electra</c> builds and when it only runs.</summary>
public sealed class BuildWhenStaleTests : IDisposable
{
    readonly Checkout _checkout = new();

    public void Dispose() => _checkout.Dispose();

    [Fact]
    public void The_first_run_builds_and_the_second_does_not()
    {
        var (code, _, errors) = _checkout.Run();
        Assert.Equal((0, 1), (code, _checkout.Builds.Length));
        Assert.StartsWith("building Electra.Cli.csproj ...", errors);

        (code, _, errors) = _checkout.Run();
        Assert.Equal((0, 1), (code, _checkout.Builds.Length));
        Assert.Equal("", errors);
    }

    [Fact]
    public void Arguments_arrive_as_they_were_given()
    {
        string[] arguments = ["detect", "--model", "a b", "", "*", "it's \"quoted\" $HOME", "--", "-x"];
        Assert.Equal(arguments, _checkout.Run(arguments).Output.Split('\n')[..^1]);
    }

    [Fact]
    public void A_closed_stream_is_not_given_to_a_file()
    {
        _checkout.Run();
        File.WriteAllText(Path.Combine(_checkout.Root, "artifacts/bin/Electra.Cli/release/Electra.Cli"), "#!/bin/bash\nreadlink /proc/$$/fd/0 /proc/$$/fd/2\n");
        var (code, output, _) = _checkout.RunFrom("/bin/bash", [], "-c", "\"$0\" <&- 2>&-", Path.Combine(_checkout.Root, "electra"));
        Assert.Equal((0, "/dev/null\n/dev/null\n"), (code, output));
    }

    [Fact]
    public void It_runs_through_a_symbolic_link_in_another_folder()
    {
        var link = Path.Combine(Path.GetDirectoryName(_checkout.Root)!, "bin", "my electra");
        File.CreateSymbolicLink(link, "../the repository/electra");
        var (code, output, _) = _checkout.RunFrom(link, [], "hello");
        Assert.Equal((0, "hello\n"), (code, output));
    }

    [Fact]
    public void A_changed_source_is_built_again()
    {
        _checkout.Run();
        _checkout.LetTimePass();
        File.WriteAllText(_checkout.Source, "second");
        _checkout.Run();
        Assert.Equal(2, _checkout.Builds.Length);
    }

    [Fact]
    public void A_deleted_source_is_built_without()
    {
        File.WriteAllText(_checkout.Source + ".other.cs", "other");
        _checkout.Run();
        _checkout.LetTimePass();
        File.Delete(_checkout.Source + ".other.cs");
        _checkout.Run();
        Assert.Equal(2, _checkout.Builds.Length);
    }

    [Fact]
    public void An_old_source_moved_into_place_is_built()
    {
        var elsewhere = Path.Combine(_checkout.Root, "elsewhere.cs");
        File.WriteAllText(elsewhere, "moved");
        _checkout.Run();
        _checkout.LetTimePass();
        File.Move(elsewhere, _checkout.Source + ".moved.cs");
        _checkout.Run();
        Assert.Equal(2, _checkout.Builds.Length);
    }

    [Fact]
    public void Another_libtorch_is_built_for()
    {
        _checkout.Run();
        _checkout.RunWith([("Torch", "cuda-linux")]);
        Assert.Equal(2, _checkout.Builds.Length);
        _checkout.Run();
        Assert.Equal(3, _checkout.Builds.Length);
    }

    [Fact]
    public async Task Two_at_once_build_once()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 2).Select(i => Task.Run(() => _checkout.RunWith([("BUILD_TAKES", "0.3")], $"{i}"))));
        Assert.Equal(["0\n", "1\n"], runs.Select(run => run.Output));
        Assert.Single(_checkout.Builds);
    }

    [Theory]
    [InlineData("RANK")]
    [InlineData("OMPI_COMM_WORLD_RANK")]
    [InlineData("SLURM_PROCID")]
    public void A_rank_never_builds_but_runs_what_is_built(string variable)
    {
        var (code, _, errors) = _checkout.RunWith([(variable, "0")]);
        Assert.Equal((3, 0), (code, _checkout.Builds.Length));
        Assert.Equal($"electra: {variable} is set, and the program is not built yet or older than its sources: run ./electra --version once before the launcher\n", errors);

        _checkout.Run();
        Assert.Equal((0, "hello\n", ""), _checkout.RunWith([(variable, "0")], "hello"));
    }

    [Fact]
    public void A_failed_build_shows_its_messages_and_is_tried_again()
    {
        var (code, _, errors) = _checkout.RunWith([("BUILD_SAYS", "Program.cs(1,1): error CS1002: ; expected")]);
        Assert.Equal(1, code);
        Assert.Contains("error CS1002", errors);
        Assert.Equal((0, "hello\n"), (_checkout.Run().Code, _checkout.Run("hello").Output));
    }

    [Fact]
    public void An_unreachable_package_source_is_the_machines_fault()
    {
        var (code, _, errors) = _checkout.RunWith([("BUILD_SAYS", "error NU1301: Unable to load the service index")]);
        Assert.Equal(3, code);
        Assert.EndsWith("electra: a package source could not be reached; is the network there?\n", errors);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named()
    {
        File.WriteAllText(Path.Combine(_checkout.Root, "artifacts"), "in the way");
        var (code, _, errors) = _checkout.Run();
        Assert.Equal(3, code);
        Assert.StartsWith($"electra: {_checkout.Root}/artifacts cannot be written, ", errors);
        Assert.Single(errors.Trim().Split('\n'));
    }
}
