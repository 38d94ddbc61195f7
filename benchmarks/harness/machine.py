# The machine that the figures were measured on.
# Must not report the machine's name, its users or its paths.

import os
import pathlib
import platform


def describe():
    """Processor, cores, memory and kernel, as text by name."""
    return {
        "processor": processor(pathlib.Path("/proc/cpuinfo").read_text()) or platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": memory(pathlib.Path("/proc/meminfo").read_text()),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "system": system(),
    }


def processor(text):
    """The model's name, with the clock rate where it is known."""
    fields = {}
    for line in text.splitlines():
        name, found, value = line.partition(":")
        if found:
            fields.setdefault(name.strip(), value.strip())
    name = fields.get("model name", "")
    virtual = ", virtual" if "hypervisor" in fields.get("flags", "").split() else ""
    return f"{name}{virtual}" if name else ""


def memory(text):
    total = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("MemTotal:"))
    return f"{total * 1024 / 1e9:.0f} GB"


def system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return ""


def load():
    """The number of processes that were ready to run, over the last minute."""
    return os.getloadavg()[0]


def processor_time():
    """Ticks of all processors since the machine's start: (all, those that the host gave to others)."""
    ticks = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks), ticks[7]


def stolen(before, after):
    """The share, in per cent, of the processors' time between the two that the host of this virtual machine gave to others."""
    total, others = after
    return round(100 * (others - before[1]) / max(1, total - before[0]), 1)
