using Electra.Corpus;

namespace Electra.Tests.Corpus;

public sealed class HeldOutSelectionTests
{
    const ulong Tenth = 1UL << 60; // about 6 % of all hashes

    [Fact]
    public void The_fraction_alone_decides_where_it_gives_20_000_tokens()
    {
        var selection = new HeldOutSelection(0.0625);
        for (ulong i = 0; i < 16; i++) selection.Add(i * Tenth, 20_000);

        Assert.Equal(Tenth, selection.FindCutoff());
    }

    [Fact]
    public void Documents_follow_in_hash_order_until_20_000_tokens_are_held_out()
    {
        var selection = new HeldOutSelection(0);
        for (ulong i = 0; i < 1000; i++) selection.Add((i * 7 % 1000) * 100, 1000);

        Assert.Equal(1901UL, selection.FindCutoff()); // hashes 0, 100, ... 1900
    }

    [Fact]
    public void A_tenth_is_enough_of_a_small_corpus()
    {
        var selection = new HeldOutSelection(0);
        for (ulong i = 0; i < 100; i++) selection.Add(i, 100);

        Assert.Equal(10UL, selection.FindCutoff());
    }

    [Fact]
    public void There_is_always_one()
    {
        var selection = new HeldOutSelection(0);
        selection.Add(5, 10);
        selection.Add(9, 1_000_000);

        Assert.Equal(6UL, selection.FindCutoff());
    }

    [Fact]
    public void Equal_texts_stay_together()
    {
        var selection = new HeldOutSelection(0);
        for (var i = 0; i < 50; i++) selection.Add(7, 10_000);
        for (ulong i = 100; i < 200; i++) selection.Add(i, 10_000);

        Assert.Equal(8UL, selection.FindCutoff());
    }

    [Fact]
    public void One_document_is_refused_with_the_way_out()
    {
        var selection = new HeldOutSelection(0.005);
        selection.Add(5, 10);

        Assert.Contains("--validation", Assert.Throws<InvalidDataException>(() => selection.FindCutoff()).Message);
    }

    [Fact]
    public void Documents_that_are_all_equal_are_refused()
    {
        var selection = new HeldOutSelection(0.005);
        for (var i = 0; i < 3; i++) selection.Add(5, 10);

        Assert.Contains("All 3 documents", Assert.Throws<InvalidDataException>(() => selection.FindCutoff()).Message);
    }
}
