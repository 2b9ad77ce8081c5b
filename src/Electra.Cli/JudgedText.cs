using System.Text;
using Electra.Inference;

namespace Electra.Cli;

/// <summary>Shows a text with each token on a background that says how probable a replacement is.</summary>
static class JudgedText
{
    /// <summary>Above it a token counts as replaced: the discriminator's logit is positive.</summary>
    const double Threshold = 0.5;

    /// <summary>The text itself with coloured tokens: from plain to red.</summary>
    public static string Coloured(string text, IReadOnlyList<JudgedToken> tokens)
    {
        var line = new StringBuilder();
        var end = 0;
        foreach (var token in tokens)
        {
            line.Append(text, end, Math.Max(0, token.Start - end));
            var (red, rest) = (255, (int)(255 * (1 - token.Probability)));
            line.Append($"\e[48;2;{red};{rest};{rest}m\e[38;2;0;0;0m{text[Math.Max(end, token.Start)..Math.Max(end, token.End)]}\e[0m");
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
}
