using static TorchSharp.torch;

namespace Electra.Numerics;

/// <summary>Where networks that train or infer live: the first GPU within libtorch's reach (CUDA_VISIBLE_DEVICES chooses), else the processor.</summary>
public static class ComputeDevice
{
    /// <summary>The device in use.</summary>
    public static Device InUse => IsGpu ? CUDA : CPU;

    /// <summary>Whether it is a GPU.</summary>
    public static bool IsGpu => TorchLibrary.EnsureLoaded().HasCuda && cuda.is_available();

    /// <summary>Its name in manifests and reports: cpu or cuda.</summary>
    public static string Name => IsGpu ? "cuda" : "cpu";

    /// <summary>What computes, by its maker's name: the GPU or the processor.</summary>
    public static string ProcessorName => IsGpu && Gpu.List() is [var gpu, ..] ? gpu.Name : Hardware.Describe().Processor;

    /// <summary>What computes and how, for reports: "Intel(R) Xeon(R), 16 threads, BFloat16, explicit kernels".</summary>
    /// <param name="precision">Of plain torch operations.</param>
    /// <param name="kernels">Of the explicit kernels, or null where they are not in use.</param>
    public static string Describe(Precision precision, Precision? kernels) =>
        IsGpu ? $"{ProcessorName}, {precision}" : $"{ProcessorName}, {get_num_threads()} threads, {kernels ?? precision}, {(kernels is null ? "plain" : "explicit")} kernels";

    /// <summary>Waits until all that was asked of the device is done: operations on a GPU only begin when they are called.</summary>
    public static void Synchronize()
    {
        if (IsGpu) cuda.synchronize();
    }
}
