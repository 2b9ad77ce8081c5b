using System.Text;
using Electra.Inference;

namespace Electra.Cli;

/// <summary>Shows a text with each token on a background that says how probable a replacement is.</summary>
static class JudgedText
{
    /// <summary>Above it a token counts as replaced: the discriminator's logit is positive.</summary>
    const double Threshold = 0.5;

    /// <summary>What the colours mean.</summary>
    public static string Legend => string.Concat(Enumerable.Range(0, 6).Select(step => $"{Background(step / 5.0)} {step * 20} % \e[0m")) + " chance of being a replacement";

    /// <summary>The text itself with coloured tokens: from white to red.</summary>
    public static string Coloured(string text, IReadOnlyList<JudgedToken> tokens)
    {
        var line = new StringBuilder();
        var end = 0;
        foreach (var token in tokens)
        {
            line.Append(text, end, Math.Max(0, token.Start - end));
            line.Append($"{Background(token.Probability)}{text[Math.Max(end, token.Start)..Math.Max(end, token.End)]}\e[0m");
            end = Math.Max(end, token.End);
        }
        return line.Append(text, end, text.Length - end).ToString();
    }

    /// <summary>One line a token: the piece, its probability and a bar.</summary>
    public static IEnumerable<string> Table(IReadOnlyList<JudgedToken> tokens)
    {
        var width = tokens.Max(token => token.Token.Length);
        return tokens.Select(token =>
            $"  {token.Token.PadRight(width)}  {token.Probability,6:P1}  {new string('█', (int)Math.Round(token.Probability * 30))}{(token.Probability > Threshold ? "  replaced?" : "")}");
    }

    /// <summary>The root spreads the low probabilities, where most tokens lie.</summary>
    static string Background(double probability)
    {
        var rest = (int)(255 * (1 - Math.Sqrt(probability)));
        return $"\e[48;2;255;{rest};{rest}m\e[38;2;0;0;0m";
    }
}
