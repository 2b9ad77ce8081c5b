using System.Text.Json;

namespace Electra.Tokenization;

/// <summary>Reads a tokenizer from a Hugging Face directory or a single vocabulary file.</summary>
public static class TokenizerDirectory
{
    /// <summary>Reads the tokenizer in <paramref name="path"/>.</summary>
    /// <param name="path">A directory with tokenizer.json, vocab.txt, or vocab.json and merges.txt; or one file tokenizer.json or vocab.txt.
    /// What tokenizer_config.json beside it says goes before what tokenizer.json says, as in Hugging Face.</param>
    /// <exception cref="FileNotFoundException">There is no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, of an unsupported kind, or lacks special tokens.</exception>
    public static ITokenizer Load(string path)
    {
        if (File.Exists(path)) return LoadFile(path, TokenizerSettings.Read(Path.GetDirectoryName(Path.GetFullPath(path))!));
        if (!Directory.Exists(path)) throw new FileNotFoundException($"{path}: no such tokenizer directory or vocabulary file.");

        foreach (var name in (string[])[TokenizerFiles.TokenizerJson, TokenizerFiles.VocabularyText, TokenizerFiles.VocabularyJson])
            if (File.Exists(Path.Combine(path, name))) return LoadFile(Path.Combine(path, name), TokenizerSettings.Read(path));
        throw new FileNotFoundException(
            $"{path}: no tokenizer here; tokenizer.json, vocab.txt, or vocab.json with merges.txt is needed (electra vocab train makes them).");
    }

    static ITokenizer LoadFile(string path, TokenizerSettings settings)
    {
        try
        {
            if (!path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) return FromText(path, settings);
            var json = JsonFile.Read(path);
            var isVocabulary = !json.TryGetProperty("model", out var model) || model.ValueKind == JsonValueKind.Number; // "model" is a word, too
            return isVocabulary ? FromVocabularyJson(path, json, settings) : TokenizerJsonReader.Read(path, json, settings);
        }
        catch (InvalidDataException exception) when (!exception.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: {exception.Message}", exception);
        }
        catch (InvalidOperationException exception) // how System.Text.Json reports half a surrogate pair or bad bytes in a string
        {
            throw new InvalidDataException($"{path}: a string in it is no valid text.", exception);
        }
    }

    static WordPieceTokenizer FromText(string path, TokenizerSettings settings)
    {
        var vocabulary = VocabularyFiles.ReadText(path);
        var names = settings.Names(SpecialTokenNames.Bert);
        var defaults = new WordPieceConfig(LowerCase: !HasCapitals(vocabulary, names));
        return new WordPieceTokenizer(vocabulary, settings.Over(defaults), names);
    }

    static ByteLevelBpeTokenizer FromVocabularyJson(string path, JsonElement json, TokenizerSettings settings)
    {
        var merges = Path.Combine(Path.GetDirectoryName(path)!, TokenizerFiles.Merges);
        if (!File.Exists(merges)) throw new FileNotFoundException($"{merges}: missing; {TokenizerFiles.VocabularyJson} cannot be used without it.");
        return new ByteLevelBpeTokenizer(
            VocabularyFiles.FromJson(path, json, extra: []),
            VocabularyFiles.ReadMerges(merges),
            settings.Over(new ByteLevelBpeConfig()),
            settings.Names(SpecialTokenNames.Roberta));
    }

    /// <summary>A bare vocab.txt does not say its casing, but only a cased vocabulary has capitals.</summary>
    static bool HasCapitals(Vocabulary vocabulary, SpecialTokenNames names) =>
        vocabulary.Tokens.Except(names.All).Any(token => token is not ['[', .., ']'] && token.Any(char.IsAsciiLetterUpper));
}
