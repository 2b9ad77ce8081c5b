using System.CommandLine;
using System.CommandLine.Parsing;
using Electra.Training;

namespace Electra.Cli;

/// <summary>What is wrong with the arguments, in one line: the argument, what stands there, what may stand there.</summary>
static class ArgumentErrors
{
    /// <summary>The one argument that may be empty: a text is a text, however short.</summary>
    const string Text = "text";

    /// <summary>The most telling of all that is wrong, or null where nothing is.</summary>
    public static string? Find(ParseResult parsed) =>
        // What was not understood says more than what is then missing.
        FindSwallowed(parsed.CommandResult) ?? FindUnknown(parsed) ?? FindEmpty(parsed.CommandResult) ?? FindNumberForName(parsed.CommandResult)
        ?? parsed.Errors.Select(Describe).FirstOrDefault();

    /// <summary>An option without its value takes the next option for it.</summary>
    static string? FindSwallowed(CommandResult command)
    {
        var names = Options(command.Command).Select(option => option.Name).ToHashSet();
        return command.Children.OfType<OptionResult>().FirstOrDefault(option => option.Tokens.Any(token => names.Contains(token.Value))) is { } hungry
            ? $"{hungry.Option.Name} needs a value, found {hungry.Tokens.First(token => names.Contains(token.Value)).Value}."
            : null;
    }

    static string? FindUnknown(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        // An unknown option can have been taken for a path, or for a text where something else is wrong, too.
        var taken = parsed.CommandResult.Children.OfType<ArgumentResult>().Where(argument => argument.Argument.Name != Text || parsed.Errors.Count > 0);
        var unmatched = taken.SelectMany(argument => argument.Tokens).Select(token => token.Value).Where(value => value.StartsWith("--", StringComparison.Ordinal))
            .Concat(parsed.UnmatchedTokens).ToList();
        if (unmatched is not [var unknown, ..]) return null;
        var isOption = unknown.StartsWith('-');
        if (!isOption && command.Subcommands.Count == 0) return $"'{unknown}' is one argument too many; see {FullName(parsed.CommandResult)} --help";
        IEnumerable<Symbol> known = isOption ? Options(command) : command.Subcommands;
        // A command without options of its own has nothing that is near.
        var nearest = known.Select(symbol => symbol.Name).MinBy(name => EditDistance.Between(name, unknown));
        return $"'{unknown}' is no {(isOption ? "option" : "command")} of {FullName(parsed.CommandResult)}"
            + (nearest is not null && EditDistance.Between(nearest, unknown) <= 1 + unknown.Length / 3 ? $". Did you mean '{nearest}'?" : $"; see {FullName(parsed.CommandResult)} --help");
    }

    /// <summary>A script's unset variable arrives as an empty value: no path, no name, no number.</summary>
    static string? FindEmpty(CommandResult command) => command.Children
        .Where(child => child is not ArgumentResult { Argument.Name: Text } && child.Tokens.Any(token => token.Value.Trim().Length == 0))
        .Select(child => $"{NameOf(child)} is empty. An unset variable?").FirstOrDefault();

    /// <summary>.NET takes any number for the name of an enum's value.</summary>
    static string? FindNumberForName(CommandResult command) => command.Children.OfType<OptionResult>()
        .Where(option => option.Option.ValueType.IsEnum && option.Tokens.Any(token => int.TryParse(token.Value, out _)))
        .Select(option => $"{option.Option.Name} {option.Tokens[0].Value}: {Expected(option.Option.ValueType)} is expected.").FirstOrDefault();

    static string Describe(ParseError error) => error.SymbolResult switch
    {
        CommandResult { Command.Subcommands.Count: > 0 } command when command.Tokens.Count == 0 || error.Message.Contains("command", StringComparison.OrdinalIgnoreCase) =>
            $"which command? {FullName(command)} has {string.Join(", ", command.Command.Subcommands.Select(known => known.Name))}; see --help",
        CommandResult command => $"{error.Message.TrimEnd('.')}; see {FullName(command)} --help",
        OptionResult { Tokens.Count: 0, Implicit: false } bare => $"{bare.Option.Name} needs a value; see {FullName(CommandOf(bare))} --help",
        SymbolResult { Tokens.Count: 0 } missing => $"{NameOf(missing)} is missing; see {FullName(CommandOf(missing))} --help",
        OptionResult { Tokens.Count: > 1, Option.Arity.MaximumNumberOfValues: 1 } twice => $"{twice.Option.Name} is given {twice.Tokens.Count} times; once is enough.",
        OptionResult { Option.ValueType: var type } option when Expected(type) is { } expected => $"{option.Option.Name} {option.Tokens[0].Value}: {expected} is expected.",
        ArgumentResult { Parent: OptionResult { Option.ValueType: var type } option } when Expected(type) is { } expected => $"{option.Option.Name} {option.Tokens[0].Value}: {expected} is expected.",
        { } other => $"{NameOf(other)}: {error.Message}",
        null => error.Message,
    };

    static string? Expected(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum) return $"one of {string.Join(", ", Enum.GetNames(type).Select(name => name.ToLowerInvariant()))}";
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Int32 => $"a whole number up to {int.MaxValue:N0}",
            TypeCode.Int64 => $"a whole number up to {long.MaxValue:N0}",
            TypeCode.UInt64 => $"a whole number from 0 to {ulong.MaxValue:N0}",
            TypeCode.Double => "a number",
            TypeCode.Boolean => "true or false",
            _ => null,
        };
    }

    static string NameOf(SymbolResult symbol) => symbol switch
    {
        OptionResult option => option.Option.Name,
        ArgumentResult { Parent: OptionResult option } => option.Option.Name,
        ArgumentResult argument => argument.Argument.Name.ToUpperInvariant(),
        _ => FullName(CommandOf(symbol)),
    };

    static IEnumerable<Option> Options(Command command) => command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options));

    static CommandResult CommandOf(SymbolResult symbol) => symbol as CommandResult ?? CommandOf(symbol.Parent!); // only the root has no parent, and it is a command

    static string FullName(CommandResult command) => command.Parent is CommandResult parent ? $"{FullName(parent)} {command.Command.Name}" : command.Command.Name;
}
