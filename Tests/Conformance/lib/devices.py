# The simulated archetypes as tables, to find a device in a list by its features and not by its name.
# Must not know the program's own tables.

BATTERY = ("Battery", 1)

# Outputs as (type, low, high) in feature order, inputs as (type, number of axes).
ARCHETYPES = {
    "simulated-1vibe": ([("Vibrate", 0, 100)], []),
    "simulated-2vibe": ([("Vibrate", 0, 100)] * 2, []),
    "simulated-rotator": ([("Rotate", -100, 100)], []),
    "simulated-oscillator": ([("Oscillate", 0, 100)], []),
    "simulated-stroker": ([("HwPositionWithDuration", 0, 1000), ("Position", 0, 1000)], []),
    "plug": ([("Vibrate", 0, 20)], [BATTERY]),
    "rabbit": ([("Rotate", -20, 20), ("Vibrate", 0, 20)], [BATTERY]),
    "dual": ([("Vibrate", 0, 100)] * 2, [BATTERY]),
    "triple": ([("Vibrate", 0, 100)] * 3, []),
    "stroker-batt": ([("HwPositionWithDuration", 0, 100), ("Position", 0, 100)], [BATTERY, ("Position", 1)]),
    "machine": ([("Oscillate", 0, 100)], []),
    "max": ([("Constrict", 0, 3), ("Vibrate", 0, 20)], [BATTERY]),
    "kegel": ([], [BATTERY, ("Pressure", 4)]),
    "empty": ([], []),
}


def outputs(device):
    """Outputs of a v4 device as (feature index, type, low, high, duration range or None)."""
    found = []
    for key in sorted(device["DeviceFeatures"], key=int):
        for kind, output in device["DeviceFeatures"][key].get("Output", {}).items():
            found.append((int(key), kind, *output["Value"], output.get("Duration")))
    return found


def inputs(device):
    """Inputs of a v4 device as (feature index, type, ranges, commands); the two spellings of signal strength count once."""
    found = []
    for key in sorted(device["DeviceFeatures"], key=int):
        for kind, sensor in device["DeviceFeatures"][key].get("Input", {}).items():
            if kind != "RSSI":
                found.append((int(key), kind, sensor["Value"], sensor["Command"]))
    return found


def signature(device):
    return (
        sorted((kind, low, high) for _, kind, low, high, _ in outputs(device)),
        sorted((kind, len(ranges)) for _, kind, ranges, _ in inputs(device)),
    )


def find(devices, archetype):
    """The first device of a v4 list that has the archetype's features. `stroker` may be either stroker."""
    names = ["stroker-batt", "simulated-stroker"] if archetype == "stroker" else [archetype]
    for name in names:
        wanted = tuple(sorted(part) for part in ARCHETYPES[name])
        for device in devices:
            if signature(device) == wanted:
                return device
    raise AssertionError(f"no {archetype} among {[(d['DeviceName'], signature(d)) for d in devices]}")


def feature(device, kind):
    """The index of the first feature with an output or input of a type."""
    for index, name, *_ in outputs(device) + inputs(device):
        if name == kind:
            return index
    raise AssertionError(f"{device['DeviceName']} has no {kind}")


def held(device):
    """(feature index, type) of every held output."""
    moves = ("Position", "HwPositionWithDuration", "Spray")
    return [(index, kind) for index, kind, *_ in outputs(device) if kind not in moves]
