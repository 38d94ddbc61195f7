# Reads what callgrind leaves behind.
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
