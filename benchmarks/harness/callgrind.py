# Reads callgrind's files and output.
# Must not know what was run under it.

import pathlib
import re

ALLOCATORS = ("malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign")


def instructions(log):
    """Of the text callgrind prints when its program ends; 0 when there is none."""
    found = re.search(r"Collected : (\d+)", log)
    return int(found.group(1)) if found else 0


def allocations(profile):
    """Calls of the allocator in a profile: lines `calls=N` below `cfn=` of an allocator. Names are given once, then by number."""
    names, calls, called = {}, 0, ""
    with pathlib.Path(profile).open() as lines:
        for line in lines:
            if line.startswith(("cfn=", "fn=")):
                number, _, name = line.partition("=")[2].strip().partition(" ")
                if name:
                    names[number] = name
                if line.startswith("cfn="):
                    called = names.get(number, "")
            elif line.startswith("calls=") and called.split("'")[0] in ALLOCATORS:
                calls += int(line[6:].split()[0])
    return calls


def by_module(profile):
    """Instructions a module's functions took themselves, without those they called."""
    costs, names, objects = {}, {}, {}
    module, library, is_call = "", "", False
    with pathlib.Path(profile).open() as lines:
        for line in lines:
            if line.startswith(("fn=", "cfn=", "ob=", "cob=")):
                key, _, rest = line.partition("=")
                number, _, name = rest.strip().partition(" ")
                known = objects if key.endswith("ob") else names
                if name:
                    known[number] = name
                if key == "ob":
                    library = known.get(number, "")
                elif key == "fn":
                    module = module_of(known.get(number, ""), library)
            elif line.startswith("calls="):
                is_call = True
            elif line[:1] in "0123456789+-*" and line.strip():
                # What stands below `calls=` is the callee's.
                if not is_call:
                    costs[module] = costs.get(module, 0) + int(line.split()[1])
                is_call = False
    return costs


def module_of(function, library):
    """The Swift module in a mangled name, or the library it is in."""
    swift = re.match(r"\$s(\d+)(\w+)", function)
    if swift:
        return swift.group(2)[: int(swift.group(1))]
    if function.startswith("$s") or function.startswith(("swift_", "_swift_")) or "libswift" in library:
        return "Swift runtime"
    if function.startswith("uv_") or "libuv" in library:
        return "libuv"
    return "C library" if re.search(r"/(libc|libpthread|libm)[.-]|/ld[.-]", library) else "other"
