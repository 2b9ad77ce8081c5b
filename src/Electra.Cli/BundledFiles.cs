namespace Electra.Cli;

/// <summary>Files that come with the program: the sample corpus, the recipes and the tasks.</summary>
static class BundledFiles
{
    /// <summary>English prose in the public domain; samples/PROVENANCE.md says which books.</summary>
    public static string Corpus => Find("samples", "prose.txt.gz");

    /// <summary>A recipe by its name.</summary>
    public static string Recipe(string name) => Find("recipes", $"{name}.json");

    /// <summary>A built-in task by its name.</summary>
    public static string Task(string name) => Find("tasks", $"{name}.json");

    static string Find(string folder, string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, folder, name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing: the program was not installed whole.");
    }
}
