using Electra.Corpus;

namespace Electra.Tests.Corpus;

public sealed class ThriftStructTests
{
    /// <summary>Field 1: the i32 1; field 2: the text "ab"; field 3: a list of the i64 2 and 3. Numbers are zigzag, so twice as large in the bytes.</summary>
    static readonly byte[] Bytes = [0x15, 2, 0x18, 2, (byte)'a', (byte)'b', 0x19, 0x26, 4, 6, 0];

    static readonly ThriftType Declared = ThriftType.Sequence(ThriftType.I32, ThriftType.Binary, ThriftType.ListOf(ThriftType.I64));

    [Fact]
    public void Fields_are_found_by_their_numbers()
    {
        var read = ThriftStruct.Read([.. Bytes, 99], Declared, out var length);

        Assert.Equal(Bytes.Length, length);
        Assert.Equal(1, read.Number(1));
        Assert.Equal([2, 3], read.List<long>(3));
        Assert.False(read.Has(4));
    }

    [Theory]
    [InlineData(0, 0x16), InlineData(2, 0x15), InlineData(7, 0x25)]
    public void A_known_field_or_item_of_another_kind_is_refused(int place, byte header)
    {
        var changed = Bytes.ToArray();
        changed[place] = header;

        Assert.Throws<InvalidDataException>(() => ThriftStruct.Read(changed, Declared, out _));
    }

    [Fact]
    public void A_field_that_is_not_known_may_be_of_any_kind() => Assert.Equal(1, ThriftStruct.Read(Bytes, ThriftType.Sequence(ThriftType.I32), out _).Number(1));
}
