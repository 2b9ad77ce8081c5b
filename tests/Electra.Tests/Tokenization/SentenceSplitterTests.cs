using System.Text;
using Electra.Tokenization;

namespace Electra.Tests.Tokenization;

public sealed class SentenceSplitterTests
{
    /// <summary>A bar stands where a sentence must end, and nowhere else.</summary>
    [Theory]
    [InlineData("One. |Two! |Three? |Four.")]
    [InlineData("He met Dr. Smith and Mrs. Jones. |They left.")]
    [InlineData("J. R. R. Tolkien wrote it. |W. H. Auden liked it.")]
    [InlineData("In the U.S. Army he rose. |He stayed in the U.S. |The end.")]
    [InlineData("Pi is 3.14 and e is 2.71828. |Both are real.")]
    [InlineData("It cost $4.50. |Then it fell.")]
    [InlineData("See e.g. Smith et al. (1999) for more. |Next.")]
    [InlineData("\"Follow the rope!\" |The magnet turned.")]
    [InlineData("\"What is it?\" he asked. |\"Nothing.\"")]
    [InlineData("He said: “Go.” |She went.")]
    [InlineData("(It was late.) |They slept.")]
    [InlineData("Wait... what? |Yes.")]
    [InlineData("He waited... |Then he left.")]
    [InlineData("Well… |She left.")]
    [InlineData("Acme Inc. Chairman John Doe spoke. |He works at Acme Inc. |The firm grew.")]
    [InlineData("No. 5 is alive. |She said no. |Then she left.")]
    [InlineData("See pp. 3-4 and Fig. 2. |Then read on.")]
    [InlineData("1. Introduction")]
    [InlineData("He was born in 1985. |He died in 2001.")]
    [InlineData("It came to 3.14. |Euler knew.")]
    [InlineData("He came at 5 p.m. and left. |At 7 p.m. he was back.")]
    [InlineData("Visit example.com today. |It is free.")]
    [InlineData("Yahoo! is a firm. |So is Google.")]
    [InlineData("He rose to Lt. Col. in 1862. |He fell.")]
    [InlineData("World War I. |Then came peace.")]
    [InlineData("Ist das so? |Ärger gibt es. |Übrigens nein.")]
    [InlineData("Это так. |Да, т.е. нет. |Хорошо.")]
    [InlineData("これは文です。|次の文です。|終わり！|本当？")]
    [InlineData("यह वाक्य है। |यह भी।")]
    [InlineData("هل هذا صحيح؟ |نعم.")]
    [InlineData("No mark at the end")]
    [InlineData("Warner Bros. in the 1980s. |Next.")]
    [InlineData("He was b. Jan. 7, 1900. |He d. in May.")]
    [InlineData("A sentence.No space here. |Good.")]
    [InlineData("Is it?! |Yes!! |Good.")]
    [InlineData("[Note.] |Text follows. |— Dash begins.")]
    public void A_line_is_divided_where_its_sentences_end(string marked) => Assert.Equal(marked, Mark(Encoding.UTF8.GetBytes(marked.Replace("|", ""))));

    [Fact]
    public void Bad_bytes_neither_stop_nor_change_it()
    {
        byte[] line = [.. "One "u8, 0xE2, 0x80, .. ". Two "u8, 0xFF, .. "! Three"u8, 0xE3];
        var sentences = Split(line);

        Assert.Equal(3, sentences.Count);
        Assert.Equal(line, sentences.SelectMany(sentence => sentence));
    }

    [Fact]
    public void Whatever_the_bytes_no_sentence_is_empty_and_none_is_lost()
    {
        var random = new Random(7);
        var alphabet = "aB. !?…。\"'(1)"u8.ToArray();
        for (var round = 0; round < 2000; round++)
        {
            var line = new byte[random.Next(1, 40)];
            for (var i = 0; i < line.Length; i++) line[i] = random.Next(10) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
            var sentences = Split(line);

            Assert.DoesNotContain(sentences, sentence => sentence.Length == 0);
            Assert.Equal(line, sentences.SelectMany(sentence => sentence));
        }
    }

    static string Mark(byte[] line) => string.Join('|', Split(line).Select(Encoding.UTF8.GetString));

    static List<byte[]> Split(byte[] line)
    {
        var sentences = new List<byte[]>();
        for (var start = 0; start < line.Length; start += sentences[^1].Length)
            sentences.Add(line[start..(start + SentenceSplitter.FirstSentence(line.AsSpan(start)))]);
        return sentences;
    }
}
