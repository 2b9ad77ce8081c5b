namespace Electra.Tokenization;

/// <summary>Tokens and their ids, one to one.</summary>
public sealed class Vocabulary
{
    readonly string[] _tokens;
    readonly Dictionary<string, int> _ids;

    /// <exception cref="InvalidDataException">A token stands twice.</exception>
    public Vocabulary(IEnumerable<string> tokens)
    {
        _tokens = [.. tokens];
        _ids = new(_tokens.Length, StringComparer.Ordinal);
        for (var id = 0; id < _tokens.Length; id++)
            if (!_ids.TryAdd(_tokens[id], id))
                throw new InvalidDataException($"Vocabulary: token '{_tokens[id]}' stands twice, as id {_ids[_tokens[id]]} and {id}.");
    }

    /// <summary>Number of tokens.</summary>
    public int Count => _tokens.Length;

    /// <summary>Tokens in the order of their ids.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    /// <summary>The token of an id.</summary>
    public string this[int id] => _tokens[id];

    /// <summary>The id of a token, or null.</summary>
    public int? IdOf(string token) => _ids.TryGetValue(token, out var id) ? id : null;
}
