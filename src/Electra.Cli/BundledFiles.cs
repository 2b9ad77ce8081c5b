using Electra.FineTuning.Tasks;

namespace Electra.Cli;

/// <summary>Files that come with the program: the sample corpus, the recipes and the tasks.</summary>
static class BundledFiles
{
    /// <summary>English prose in the public domain; samples/PROVENANCE.md says which books.</summary>
    public static string Corpus => Find("samples", "prose.txt.gz");

    /// <summary>A recipe by its name.</summary>
    public static string Recipe(string name) => Find("recipes", $"{name}.json");

    /// <summary>A built-in task by its name, or a task file by its path.</summary>
    /// <param name="nameOrPath">Such as <c>sst2</c> or <c>my-task.json</c>.</param>
    /// <param name="overrides">Changes of the file, each <c>key=value</c>.</param>
    /// <exception cref="FileNotFoundException">There is neither.</exception>
    /// <exception cref="InvalidDataException">The file is no valid task.</exception>
    public static TaskDefinition LoadTask(string nameOrPath, IEnumerable<string>? overrides = null)
    {
        if (File.Exists(nameOrPath)) return TaskDefinition.Load(nameOrPath, overrides);
        var known = Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "tasks"), "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal).ToList();
        if (known.Contains(nameOrPath)) return TaskDefinition.Load(Task(nameOrPath), overrides);
        throw new FileNotFoundException($"{nameOrPath}: no such task. Give the path of a task file, or one of {string.Join(", ", known)}.");
    }

    /// <summary>A built-in task by its name.</summary>
    public static string Task(string name) => Find("tasks", $"{name}.json");

    static string Find(string folder, string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, folder, name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing: the program was not installed whole.");
    }
}
