using Electra.Numerics;

namespace Electra.Tests.Numerics;

/// <summary>What is read off the machine.</summary>
public sealed class HardwareTests
{
    static readonly string[] TwoProcessors =
    [
        "processor\t: 0", "model name\t: Imaginary Platinum 8481C CPU @ 2.70GHz", "flags\t\t: fpu sse avx2 fma avx512f avx512bw avx512_bf16 amx_bf16 amx_tile amx_int8", "",
        "processor\t: 1", "model name\t: Imaginary Platinum 8481C CPU @ 2.70GHz", "flags\t\t: fpu sse avx2 fma avx512f avx512bw avx512_bf16 amx_bf16 amx_tile amx_int8", "",
    ];

    [Fact]
    public void The_processor_is_named_with_the_features_that_choose_kernels()
    {
        var (name, features, count) = Hardware.ReadProcessor(TwoProcessors);
        Assert.Equal("Imaginary Platinum 8481C CPU @ 2.70GHz", name);
        Assert.Equal(["avx2", "fma", "avx512f", "avx512bw", "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8"], features);
        Assert.Equal(2, count);
    }

    [Theory]
    [InlineData("avx2 fma avx512f avx512_bf16", true)]
    [InlineData("avx2 amx_tile amx_bf16", true)]
    [InlineData("avx2 fma avx512f avx512bw avx512_vnni", false)]
    [InlineData("avx2 amx_tile amx_int8", false)]
    public void Bfloat16_needs_instructions_of_its_own(string flags, bool multiplies)
    {
        var (_, features, _) = Hardware.ReadProcessor([$"flags : {flags}"]);
        Assert.Equal(multiplies, new Hardware("imaginary", features, 2, 2, 1, 1, []).ProcessorMultipliesBFloat16);
    }

    [Fact]
    public void A_system_without_proc_files_still_has_an_answer()
    {
        Assert.Equal((null, 0), (Hardware.ReadProcessor([]).Name, Hardware.ReadProcessor([]).Count));
        Assert.Null(Hardware.ReadAvailableMemory([]));
    }

    [Fact]
    public void Available_memory_is_read_in_kibibytes() =>
        Assert.Equal(2048L * 1024, Hardware.ReadAvailableMemory(["MemTotal:       4096 kB", "MemAvailable:   2048 kB"]));

    [Theory]
    [InlineData(70, false)]
    [InlineData(75, false)]
    [InlineData(80, true)]
    [InlineData(90, true)]
    public void Gpus_multiply_bfloat16_from_Ampere_on(int computeCapability, bool multiplies) =>
        Assert.Equal(multiplies, new Gpu("imaginary", computeCapability, 1).MultipliesBFloat16);

    [Fact]
    public void No_more_threads_are_used_than_the_process_may()
    {
        var hardware = Hardware.Describe();
        Assert.InRange(hardware.Threads, 1, hardware.Processors);
        Assert.InRange(hardware.AvailableMemoryBytes, 1, hardware.MemoryBytes);
    }
}
