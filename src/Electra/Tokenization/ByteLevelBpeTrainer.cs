namespace Electra.Tokenization;

/// <summary>Trains byte-level BPE (Radford et al. 2019): the parts of GPT-2's splitter, joined from bytes by frequency of pairs.</summary>
public static class ByteLevelBpeTrainer
{
    /// <summary>Trains on <paramref name="lines"/> of UTF-8 text. The result does not depend on the number of workers.</summary>
    /// <param name="lines">Each need only be valid until the next is asked for.</param>
    /// <param name="config">The setting of the tokenizer that results.</param>
    /// <param name="training">Size, minimum frequency and bounds; the alphabet is always the 256 bytes.</param>
    /// <param name="report">Is told in lines of text how far it is; may be null.</param>
    /// <exception cref="InvalidDataException">There is no text.</exception>
    /// <exception cref="ArgumentException">The size has no room for the special tokens and the bytes.</exception>
    public static ByteLevelBpeTokenizer Train(
        IEnumerable<ReadOnlyMemory<byte>> lines,
        ByteLevelBpeConfig config,
        VocabularyTrainingConfig training,
        SpecialTokenNames? names = null,
        Action<string>? report = null,
        CancellationToken stop = default)
    {
        training.Check();
        names ??= SpecialTokenNames.Roberta;

        // RoBERTa's order: four special tokens first, the mask last.
        List<string> pieces = [names.Start, names.Padding, names.Separator, names.Unknown];
        var firstByte = pieces.Count;
        pieces.AddRange(Enumerable.Range(0, 256).Select(value => ByteAlphabet.CharacterOf((byte)value).ToString()));
        if (pieces.Count + 1 > training.Size)
            throw new ArgumentException($"Vocabulary size {training.Size:N0}: five special tokens and 256 bytes alone are {pieces.Count + 1:N0}.");

        var counts = WordCounter.Count(lines, () => CountParts, training, report, stop);
        if (counts.Distinct == 0) throw new InvalidDataException("There is no text to make a vocabulary of.");

        var merger = new PairMerger(pieces, string.Concat);
        for (var index = 0; index < counts.Distinct; index++)
            merger.Add([.. counts.Word(index).ToArray().Select(value => firstByte + value)], counts.Count(index));
        merger.Learn(training.Size - 1, training.MinFrequency, report, stop);
        return new ByteLevelBpeTokenizer(new Vocabulary([.. pieces, names.Mask]), merger.Merges, config, names);
    }

    static void CountParts(ReadOnlySpan<byte> line, WordCounts counts)
    {
        for (var position = 0; position < line.Length;)
        {
            var end = Gpt2Splitter.End(line, position);
            counts.Add(line[position..end]);
            position = end;
        }
    }
}
