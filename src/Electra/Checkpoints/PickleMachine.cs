using System.Buffers.Binary;
using System.Text;

namespace Electra.Checkpoints;

/// <summary>
/// Reads the pickle inside <c>pytorch_model.bin</c>. A pickle is a program that may call anything; this machine knows only the few
/// opcodes and names that a dictionary of tensors needs, refuses the rest by name, and executes nothing.
/// </summary>
ref struct PickleMachine
{
    const byte Protocol = 0x80, Frame = 0x95, Mark = (byte)'(', Stop = (byte)'.';
    const int MaxProtocol = 5;

    readonly string _path;
    readonly ReadOnlySpan<byte> _code;
    readonly List<object?> _stack = [];
    readonly Dictionary<uint, object?> _memo = [];
    int _position;

    PickleMachine(string path, ReadOnlySpan<byte> code)
    {
        _path = path;
        _code = code;
    }

    static readonly object MarkObject = new();

    /// <summary>Reads a pickled dictionary of tensors.</summary>
    /// <param name="path">For errors.</param>
    /// <param name="code">The pickle.</param>
    /// <exception cref="InvalidDataException">It holds anything else, or is damaged.</exception>
    public static IReadOnlyList<KeyValuePair<string, PickledTensor>> ReadTensors(string path, ReadOnlySpan<byte> code)
    {
        var machine = new PickleMachine(path, code);
        if (machine.Run() is not PickledDictionary dictionary) throw machine.Bad("does not hold a dictionary of tensors");
        var tensors = new List<KeyValuePair<string, PickledTensor>>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in dictionary.Items)
        {
            if (key is not string name) throw machine.Bad("has a key that is no text");
            if (value is not PickledTensor tensor)
                throw machine.Bad($"holds '{SafetensorsHeader.Shown(name)}', which is no tensor. Save the bare state_dict()");
            if (!names.Add(name)) throw machine.Bad($"names '{SafetensorsHeader.Shown(name)}' twice");
            tensors.Add(new(name, tensor));
        }
        return tensors;
    }

    object? Run()
    {
        while (true)
        {
            var opcode = Byte();
            if (opcode == Stop) return Pop();
            Execute(opcode);
        }
    }

    void Execute(byte opcode)
    {
        switch (opcode)
        {
            case Protocol: if (Byte() > MaxProtocol) throw Bad($"needs a pickle protocol above {MaxProtocol}"); break;
            case Frame: Take(8); break;
            case Mark: Push(MarkObject); break;

            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'K': Push((long)Byte()); break;
            case (byte)'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case (byte)'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case 0x8a: Push(LongInteger()); break;
            case (byte)'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case (byte)'X': Push(Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case 0x8c: Push(Text(Byte())); break;

            case (byte)')': Push(Array.Empty<object?>()); break;
            case 0x85: Push(PopMany(1)); break;
            case 0x86: Push(PopMany(2)); break;
            case 0x87: Push(PopMany(3)); break;
            case (byte)'t': Push(PopToMark()); break;
            case (byte)']': Push(new List<object?>()); break;
            case (byte)'a': var item = Pop(); Top<List<object?>>("a list").Add(item); break;
            case (byte)'e': var items = PopToMark(); Top<List<object?>>("a list").AddRange(items); break;
            case (byte)'}': Push(new PickledDictionary()); break;
            case (byte)'s': var pair = PopMany(2); Top<PickledDictionary>("a dictionary").Items.Add(new(pair[0], pair[1])); break;
            case (byte)'u': SetItems(PopToMark()); break;

            case (byte)'q': _memo[Byte()] = Peek(); break;
            case (byte)'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); break;
            case 0x94: _memo[(uint)_memo.Count] = Peek(); break;
            case (byte)'h': Push(Recall(Byte())); break;
            case (byte)'j': Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;

            case (byte)'c': Push(PickledName.Of(_path, Line(), Line())); break;
            case 0x93: var names = PopMany(2); Push(PickledName.Of(_path, names[0] as string ?? "", names[1] as string ?? "")); break;
            case (byte)'R': var arguments = PopMany(1)[0] as object?[]; Push(Call(Pop(), arguments)); break;
            case (byte)'Q': Push(PickledStorage.Of(_path, Pop())); break;
            case (byte)'b': Pop(); _ = Top<PickledDictionary>("a dictionary"); break;      // OrderedDict's _metadata: not needed
            default: throw Bad($"uses opcode 0x{opcode:x2} at byte {_position - 1:N0}, which no tensor needs");
        }
    }

    readonly object? Call(object? callee, object?[]? arguments) => (callee, arguments) switch
    {
        (PickledName { Kind: PickledName.NameKind.OrderedDict }, []) => new PickledDictionary(),
        (PickledName { Kind: PickledName.NameKind.RebuildTensor }, { } values) => PickledTensor.Of(_path, values),
        (PickledName { Kind: PickledName.NameKind.RebuildParameter }, [PickledTensor tensor, ..]) => tensor,
        (PickledName name, _) => throw Bad($"calls '{name.Name}' in a way that no tensor needs"),
        _ => throw Bad("calls something that is not a function"),
    };

    readonly void SetItems(object?[] flat)
    {
        if (flat.Length % 2 != 0) throw Bad("sets a key without a value");
        var items = Top<PickledDictionary>("a dictionary").Items;
        for (var i = 0; i < flat.Length; i += 2) items.Add(new(flat[i], flat[i + 1]));
    }

    // --- the stack -----------------------------------------------------------------------------------------------

    readonly void Push(object? value) => _stack.Add(value);

    readonly object? Peek() => _stack.Count > 0 ? _stack[^1] : throw Bad("takes from an empty stack");

    readonly T Top<T>(string what) where T : class => Peek() as T ?? throw Bad($"adds to something that is not {what}");

    readonly object? Pop()
    {
        var value = Peek();
        if (ReferenceEquals(value, MarkObject)) throw Bad("takes a mark for a value");
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    readonly object?[] PopMany(int count)
    {
        var values = new object?[count];
        for (var i = count - 1; i >= 0; i--) values[i] = Pop();
        return values;
    }

    readonly object?[] PopToMark()
    {
        var mark = _stack.LastIndexOf(MarkObject);
        if (mark < 0) throw Bad("misses a mark");
        var values = _stack.GetRange(mark + 1, _stack.Count - mark - 1).ToArray();
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    readonly object? Recall(uint index) => _memo.TryGetValue(index, out var value) ? value : throw Bad($"recalls value {index}, which was not stored");

    // --- the code ------------------------------------------------------------------------------------------------

    ReadOnlySpan<byte> Take(int count)
    {
        if (count > _code.Length - _position) throw Bad("ends early");
        var bytes = _code.Slice(_position, count);
        _position += count;
        return bytes;
    }

    byte Byte() => Take(1)[0];

    string Text(uint count)
    {
        if (count > int.MaxValue) throw Bad("ends early");
        return Encoding.UTF8.GetString(Take((int)count));
    }

    string Line()
    {
        var end = _code[_position..].IndexOf((byte)'\n');
        if (end < 0) throw Bad("ends early");
        var line = Encoding.UTF8.GetString(_code.Slice(_position, end));
        _position += end + 1;
        return line;
    }

    long LongInteger()
    {
        var bytes = Take(Byte());
        if (bytes.Length > sizeof(long)) throw Bad("holds a number of more than 64 bits");
        var value = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1L : 0L;                 // two's complement, sign extended
        for (var i = bytes.Length - 1; i >= 0; i--) value = value << 8 | bytes[i];
        return value;
    }

    readonly InvalidDataException Bad(string what) => new($"{_path}: the pickle {what}. Nothing in it was run.");
}
