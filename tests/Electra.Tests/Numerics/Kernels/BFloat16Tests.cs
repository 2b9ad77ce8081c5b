using Electra.Numerics;
using Electra.Numerics.Kernels;

namespace Electra.Tests.Numerics.Kernels;

/// <summary>The bfloat16 format, its packing and its products against plain loops, and the kernels in bfloat16 against those in float32.</summary>
public sealed unsafe class BFloat16Tests
{
    const string NeedsProducts = "This processor does not multiply bfloat16.";

    [Fact]
    public void Numbers_are_rounded_to_the_nearest_and_halfway_to_the_even_one()
    {
        // Above 1, bfloat16 goes in steps of 2^-7.
        Assert.Equal(1f, Round(1 + 0.49f / 128));
        Assert.Equal(1 + 1f / 128, Round(1 + 0.51f / 128));
        Assert.Equal(1f, Round(1 + 0.5f / 128));
        Assert.Equal(1 + 2f / 128, Round(1 + 1.5f / 128));
        Assert.Equal(-3.140625f, Round(-3.14159f));
        Assert.True(float.IsPositiveInfinity(Round(float.PositiveInfinity)));
        Assert.True(float.IsNaN(Round(float.NaN)));

        static float Round(float value)
        {
            var values = stackalloc float[16];
            var rounded = stackalloc BFloat16[16];
            new Span<float>(values, 16).Fill(value);
            Conversion.FromFloats(values, rounded, 16);
            Assert.Equal(BFloat16.ToSingle(BFloat16.FromSingle(value)), BFloat16.ToSingle(rounded[9]));
            return BFloat16.ToSingle(rounded[9]);
        }
    }

    [Fact]
    public void A_limit_on_oneDNN_that_ends_below_AVX512_BF16_forbids_the_products()
    {
        Assert.True(BFloat16Product.IsForbiddenBy("avx2"));
        Assert.True(BFloat16Product.IsForbiddenBy("AVX512_CORE_VNNI"));
        Assert.False(BFloat16Product.IsForbiddenBy("AVX512_CORE_BF16"));
        Assert.False(BFloat16Product.IsForbiddenBy("DEFAULT"));
        Assert.False(BFloat16Product.IsForbiddenBy(null));
    }

    public static TheoryData<int, int, int> Sizes() => new()
    {
        { 16, 64, 32 }, { 1, 64, 16 }, { 7, 16, 8 }, { 129, 80, 100 }, { 130, 176, 257 }, { 48, 8, 1030 }, { 17, 96, 7 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_product_with_packed_rows_is_the_sum_over_the_depth(int rows, int columns, int depth)
    {
        Assert.SkipUnless(BFloat16Product.IsAvailable, NeedsProducts);
        using var a = Matrix(rows + 16, depth, 1, depth + 16);
        using var b = Matrix(depth, columns, 2);
        var c = Multiply(a, depth + 16, rows, columns, depth, packed => BFloat16.PackRows((BFloat16*)b.Start, columns, depth, columns, packed, 0, depth));

        Numbers.AssertClose(Product(a, depth + 16, 1, b, columns, 1, rows, columns, depth), c, 1e-4f);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_product_with_a_packed_transpose_is_the_same(int rows, int columns, int depth)
    {
        Assert.SkipUnless(BFloat16Product.IsAvailable, NeedsProducts);
        using var a = Matrix(rows + 16, depth, 1, depth + 16);
        using var b = Matrix(columns, depth, 2);
        var c = Multiply(a, depth + 16, rows, columns, depth, packed => BFloat16.PackTransposed((BFloat16*)b.Start, depth, depth, columns, packed, 0, columns));

        Numbers.AssertClose(Product(a, depth + 16, 1, b, 1, depth, rows, columns, depth), c, 1e-4f);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_transposed_left_operand_adds_to_the_result(int rows, int columns, int depth)
    {
        Assert.SkipUnless(BFloat16Product.IsAvailable, NeedsProducts);
        using var a = Matrix(depth, rows, 1);
        using var b = Matrix(depth, columns, 2);
        using var packed = NativeBuffer.Of<BFloat16>(BFloat16.PackedLength(depth, columns));
        using var scratch = NativeBuffer.Of<BFloat16>(BFloat16.LeftScratch(depth));
        var c = new float[rows * columns];
        Array.Fill(c, 3);

        BFloat16.PackRows((BFloat16*)b.Start, columns, depth, columns, (BFloat16*)packed.Start, 0, depth);
        fixed (float* result = c)
            BFloat16.MultiplyTransposed(
                (BFloat16*)a.Start, rows, (BFloat16*)packed.Start, result, columns, rows, columns, depth, accumulate: true, (BFloat16*)scratch.Start);

        Numbers.AssertClose([.. Product(a, 1, rows, b, columns, 1, rows, columns, depth).Select(value => value + 3)], c, 1e-4f);
    }

    [Fact]
    public void Columns_beyond_the_packed_ones_are_zero()
    {
        using var b = Matrix(17, 8, 2);
        using var packed = NativeBuffer.Of<BFloat16>(BFloat16.PackedLength(8, 32));
        new Span<ushort>(packed.Start, 16 * 32).Fill(0x7fc0);

        BFloat16.PackTransposed((BFloat16*)b.Start, 8, 8, 32, (BFloat16*)packed.Start, 0, 17);

        var words = new Span<uint>(packed.Start, 8 * 32).ToArray();
        Assert.All(Enumerable.Range(0, words.Length).Where(i => i % 32 >= 17 || i / 32 >= 4), i => Assert.Equal(0u, words[i]));
        Assert.All(Enumerable.Range(0, 17), j => Assert.NotEqual(0u, words[j]));
    }

    static NativeBuffer Matrix(int rows, int columns, int seed, int stride = 0)
    {
        if (stride == 0) stride = columns;
        var buffer = NativeBuffer.Of<BFloat16>((long)rows * stride + 32);
        var values = Numbers.Random(rows * columns, seed);
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < columns; j++) ((BFloat16*)buffer.Start)[i * stride + j] = BFloat16.FromSingle(values[i * columns + j]);
        return buffer;
    }

    delegate void Pack(BFloat16* packed);

    static float[] Multiply(NativeBuffer a, int aStride, int rows, int columns, int depth, Pack pack)
    {
        using var packed = NativeBuffer.Of<BFloat16>(BFloat16.PackedLength(depth, columns));
        using var c = new NativeBuffer((rows + 16) * columns);
        pack((BFloat16*)packed.Start);
        BFloat16.Multiply((BFloat16*)a.Start, aStride, (BFloat16*)packed.Start, c.Start, columns, rows, columns, depth, accumulate: false);
        return c.Span[..(rows * columns)].ToArray();
    }

    static float[] Product(NativeBuffer a, int aRow, int aDepth, NativeBuffer b, int bDepth, int bColumn, int rows, int columns, int depth)
    {
        var (left, right, c) = ((nint)a.Start, (nint)b.Start, new float[rows * columns]);
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < columns; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < depth; k++)
                    sum += (double)BFloat16.ToSingle(((BFloat16*)left)[i * aRow + k * aDepth]) * BFloat16.ToSingle(((BFloat16*)right)[k * bDepth + j * bColumn]);
                c[i * columns + j] = (float)sum;
            }
        return c;
    }
}
