using Electra.Numerics.Kernels;

namespace Electra.Tests.Numerics.Kernels;

public sealed unsafe class GemmTests
{
    const float Tolerance = 2e-5f;    // float32 sums of up to 600 products of numbers below 1/4

    public static TheoryData<int, int, int> Sizes() => new()
    {
        { 6, 16, 1 }, { 1, 1, 1 }, { 7, 17, 9 }, { 96, 64, 256 }, { 97, 40, 257 }, { 200, 24, 600 }, { 13, 128, 300 }, { 128, 128, 64 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_product_with_a_packed_matrix_is_the_sum_over_the_depth(int rows, int columns, int depth)
    {
        var (a, b) = (Numbers.Random(rows * depth, 1), Numbers.Random(depth * columns, 2));
        var expected = Product(a, b, rows, columns, depth);
        var packed = new float[Float32Packing.Length(depth, columns)];
        var c = new float[rows * columns];

        fixed (float* left = a, right = b, panels = packed, result = c)
        {
            Float32Packing.PackRows(right, columns, depth, columns, panels);
            Float32Gemm.Multiply(left, depth, panels, result, columns, rows, columns, depth, accumulate: false);
        }

        Numbers.AssertClose(expected, c, Tolerance);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_transposed_right_operand_is_packed_like_the_plain_one(int rows, int columns, int depth)
    {
        _ = rows;
        var b = Numbers.Random(depth * columns, 2);
        var transposed = Transpose(b, depth, columns);
        var (packed, packedTransposed) = (new float[Float32Packing.Length(depth, columns)], new float[Float32Packing.Length(depth, columns)]);

        fixed (float* plain = b, turned = transposed, panels = packed, turnedPanels = packedTransposed)
        {
            Float32Packing.PackRows(plain, columns, depth, columns, panels);
            Float32Packing.PackTransposed(turned, depth, depth, columns, turnedPanels, 0, columns);
        }

        Assert.Equal(packed, packedTransposed);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_transposed_left_operand_adds_to_the_result(int rows, int columns, int depth)
    {
        var (a, b, before) = (Numbers.Random(rows * depth, 1), Numbers.Random(depth * columns, 2), Numbers.Random(rows * columns, 3));
        var expected = Product(a, b, rows, columns, depth).Zip(before, (product, value) => product + value).ToArray();
        var (packed, scratch, c) = (new float[Float32Packing.Length(depth, columns)], new float[Float32Gemm.LeftScratch], before.ToArray());

        fixed (float* left = Transpose(a, rows, depth), right = b, panels = packed, result = c, room = scratch)
        {
            Float32Packing.PackRows(right, columns, depth, columns, panels);
            Float32Gemm.MultiplyTransposed(left, rows, panels, result, columns, rows, columns, depth, accumulate: true, room);
        }

        Numbers.AssertClose(expected, c, Tolerance);
    }

    [Fact]
    public void Every_part_of_a_product_is_finished_once()
    {
        const int Rows = 200, Inputs = 8, Outputs = 40;
        var finished = new float[Rows * Outputs];
        using var linear = new LinearKernel<Float32>(Outputs, 0, Rows);
        using var matrix = new PackedMatrix<Float32>(Inputs, Outputs);
        using var input = new NativeBuffer(Rows * Inputs);

        fixed (float* count = finished) linear.Forward((Float32*)input.Start, matrix, Rows, new CountParts { Count = count });

        Assert.All(finished, times => Assert.Equal(1, times));
    }

    [Fact]
    public void A_weight_gradient_of_more_rows_than_usual_is_that_of_all_of_them()
    {
        const int Rows = 40, Inputs = 8, Outputs = 24;
        var (input, outputGradient) = (Numbers.Random(Rows * Inputs, 1), Numbers.Random(Rows * Outputs, 2));
        var expected = Product(Transpose(outputGradient, Rows, Outputs), input, Outputs, Inputs, Rows);
        using var linear = new LinearKernel<Float32>(Outputs, Inputs, rows: 16);
        var gradient = new float[Outputs * Inputs];

        fixed (float* left = outputGradient, right = input, result = gradient)
            linear.BackwardWeight((Float32*)left, (Float32*)right, result, Rows, Inputs, Outputs);

        Numbers.AssertClose(expected, gradient, Tolerance);
    }

    [Fact]
    public void A_product_that_is_wider_than_its_room_is_refused()
    {
        using var linear = new LinearKernel<Float32>(widest: 16, widestInput: 8, rows: 4);
        using var matrix = new PackedMatrix<Float32>(8, 24);
        using var memory = new NativeBuffer(4 * 24);

        Assert.Throws<ArgumentOutOfRangeException>(() => linear.Forward((Float32*)memory.Start, matrix, 4, new FloatStore { Output = memory.Start, Width = 24 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => linear.BackwardWeight((Float32*)memory.Start, (Float32*)memory.Start, memory.Start, 1, 16, 4));
    }

    readonly struct CountParts : IProductEpilogue
    {
        public static bool TakesWholeRows => false;

        public float* Count { get; init; }

        public void Prepare(int firstRow, int rows, int firstColumn, int columns) { }

        public void Finish(float* block, nint stride, int firstRow, int rows, int firstColumn, int columns)
        {
            for (var i = firstRow; i < firstRow + rows; i++)
                for (var j = firstColumn; j < firstColumn + columns; j++) Count[i * 40 + j]++;
        }
    }

    static float[] Product(float[] a, float[] b, int rows, int columns, int depth)
    {
        var c = new float[rows * columns];
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < columns; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < depth; k++) sum += (double)a[i * depth + k] * b[k * columns + j];
                c[i * columns + j] = (float)sum;
            }
        return c;
    }

    static float[] Transpose(float[] matrix, int rows, int columns)
    {
        var result = new float[matrix.Length];
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j];
        return result;
    }
}
