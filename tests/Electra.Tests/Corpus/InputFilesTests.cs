using Electra.Corpus;
using Electra.Tests.Evaluation;

namespace Electra.Tests.Corpus;

public sealed class InputFilesTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public InputFilesTests()
    {
        Directory.CreateDirectory(_folder["sub/deep"]);
        foreach (var name in (string[])["b.txt", "B.txt", "a.jsonl.gz", "notes.md", "sub/c.txt.zst", "sub/deep/d.parquet", ".hidden.txt"]) _folder.Write(name, "x");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_means_all_text_below_it_in_ordinal_order()
    {
        var found = InputFiles.Find([_folder.Path]);

        Assert.Equal(["B.txt", "a.jsonl.gz", "b.txt", "sub/c.txt.zst", "sub/deep/d.parquet"], found.Files.Select(file => file.Name));
        Assert.Equal(1, found.NumSkipped);
    }

    [Theory]
    [InlineData("*.txt", "B.txt,b.txt")]
    [InlineData("**/*.zst", "sub/c.txt.zst")]
    [InlineData("**/?.*", "B.txt,a.jsonl.gz,b.txt,sub/c.txt.zst,sub/deep/d.parquet")]
    [InlineData("sub/*/d.parquet", "deep/d.parquet")]
    public void A_glob_means_the_files_that_match(string glob, string names) =>
        Assert.Equal(names, string.Join(',', InputFiles.Find([_folder[glob]]).Files.Select(file => file.Name)));

    [Fact]
    public void A_file_named_twice_is_read_once() =>
        Assert.Single(InputFiles.Find([_folder["b.txt"], _folder["b.*"]]).Files);

    [Fact]
    public void A_named_file_of_another_kind_is_refused() =>
        Assert.Contains("notes.md: not a kind of file", Assert.Throws<InvalidDataException>(() => InputFiles.Find([_folder["notes.md"]])).Message);

    [Theory]
    [InlineData("missing.txt"), InlineData("*.csv"), InlineData("*.md")]
    public void A_path_without_text_is_an_error_that_names_it(string path) =>
        Assert.Contains(path, Assert.Throws<FileNotFoundException>(() => InputFiles.Find([_folder[path]])).Message);

    [Fact]
    public void A_link_back_to_its_own_folder_does_not_multiply_the_text()
    {
        Directory.CreateSymbolicLink(_folder["sub/deep/up"], _folder.Path);
        Directory.CreateSymbolicLink(_folder["sub/self"], "../sub/self");
        Directory.CreateSymbolicLink(_folder["again"], "sub");
        File.CreateSymbolicLink(_folder["other.txt"], "b.txt");

        var found = InputFiles.Find([_folder.Path]);

        Assert.Equal(["B.txt", "a.jsonl.gz", "b.txt", "sub/c.txt.zst", "sub/deep/d.parquet"], found.Files.Select(file => file.Name));
        Assert.Equal(2, found.NumSkipped); // notes.md and the link to itself
    }

    [Fact]
    public void A_link_to_text_elsewhere_is_followed()
    {
        Directory.CreateDirectory(_folder["here"]);
        Directory.CreateSymbolicLink(_folder["here/texts"], _folder["sub"]);
        File.CreateSymbolicLink(_folder["here/one.txt"], _folder["b.txt"]);

        _folder.Write("b.txt", "four");

        Assert.Equal([("one.txt", 4), ("texts/c.txt.zst", 1), ("texts/deep/d.parquet", 1)], InputFiles.Find([_folder["here"]]).Files.Select(file => (file.Name, file.Bytes)));
    }

    [Fact]
    public void A_link_to_nothing_is_named() =>
        Assert.Contains("gone.txt", Assert.Throws<FileNotFoundException>(() =>
        {
            File.CreateSymbolicLink(_folder["gone.txt"], "nowhere.txt");
            return InputFiles.Find([_folder.Path]);
        }).Message);
}
