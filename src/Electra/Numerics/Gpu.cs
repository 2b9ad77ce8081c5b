using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Serialization;

namespace Electra.Numerics;

/// <summary>An NVIDIA GPU as its driver tells it; the driver is asked, not libtorch, so that a GPU is seen by a CPU build too.</summary>
/// <param name="Name">Such as "NVIDIA H100 80GB HBM3".</param>
/// <param name="ComputeCapability">Major x 10 + minor: 80 is sm80.</param>
/// <param name="MemoryBytes">In all.</param>
public sealed record Gpu(string Name, int ComputeCapability, long MemoryBytes)
{
    /// <summary>Ampere is the first generation that multiplies bfloat16.</summary>
    [JsonIgnore]
    public bool MultipliesBFloat16 => ComputeCapability >= 80;

    /// <summary>The GPUs that CUDA_VISIBLE_DEVICES leaves visible; none where no driver is installed.</summary>
    public static unsafe IReadOnlyList<Gpu> List()
    {
        const int success = 0, majorAttribute = 75, minorAttribute = 76;
        if (!NativeLibrary.TryLoad("libcuda.so.1", out var driver)) return [];
        nint Function(string name) => NativeLibrary.TryGetExport(driver, name, out var function) ? function : 0;
        var initialize = (delegate* unmanaged<uint, int>)Function("cuInit");
        var getCount = (delegate* unmanaged<int*, int>)Function("cuDeviceGetCount");
        var getDevice = (delegate* unmanaged<int*, int, int>)Function("cuDeviceGet");
        var getName = (delegate* unmanaged<byte*, int, int, int>)Function("cuDeviceGetName");
        var getAttribute = (delegate* unmanaged<int*, int, int, int>)Function("cuDeviceGetAttribute");
        var getMemory = (delegate* unmanaged<nuint*, int, int>)Function("cuDeviceTotalMem_v2");
        if (initialize is null || getCount is null || getDevice is null || getName is null || getAttribute is null || getMemory is null) return [];

        const int nameLength = 256;
        var name = stackalloc byte[nameLength];
        int count;
        if (initialize(0) != success || getCount(&count) != success) return [];
        var gpus = new List<Gpu>();
        for (var i = 0; i < count; i++)
        {
            int device, major, minor;
            nuint memory;
            if (getDevice(&device, i) != success || getName(name, nameLength, device) != success || getMemory(&memory, device) != success
                || getAttribute(&major, majorAttribute, device) != success || getAttribute(&minor, minorAttribute, device) != success) continue;
            var text = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
            gpus.Add(new Gpu(Encoding.UTF8.GetString(text), (major * 10) + minor, (long)memory));
        }
        return gpus;
    }
}
