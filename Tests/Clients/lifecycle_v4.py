# The life of an app on PyPI's `buttplug` 1.0.0 (spec v4), through the library's public API only. Usage: lifecycle_v4.py URL
# Must not know which server it uses. The library drops any reply with a field it does not know, and then the call hangs.

import asyncio
import sys

from buttplug import ButtplugClient, DeviceOutputCommand, InputType, OutputType

from lifecycle import Story


async def main(story):
    client = ButtplugClient("PyPI buttplug 1.0.0")
    there, finished, failures = asyncio.Event(), asyncio.Event(), []
    client.on_device_added = lambda _: there.set() if len(client.devices) == 4 else None
    client.on_scanning_finished = finished.set
    client.on_error = failures.append
    await story.step("connect", client.connect(story.url))
    story.saw(f"server {client.server_name!r}")
    assert client.connected
    await story.step("start scanning", client.start_scanning())
    await story.step("devices", there.wait())
    story.check(not finished.is_set(), "told of the end of a scan that goes on")
    await story.step("stop scanning", client.stop_scanning())
    story.check(len(client.devices) == 4, f"{len(client.devices)} devices")
    await story.everybody()
    for device in client.devices.values():
        story.saw(f"device {device.index} {device.name!r} with {len(device.features)} features, gap {device.message_timing_gap} ms")
        for feature in device.features.values():
            await drive(story, device, feature)
        if device.has_battery():
            level = await story.step("battery", device.battery())
            story.check(0 < level <= 1, f"battery {level}")
        if device.has_rssi():
            level = await story.step("signal strength", device.rssi())
            story.check(level < 0, f"signal strength {level}")
        await story.step("stop device", device.stop())
    for device in client.devices.values():
        if device.has_output(OutputType.VIBRATE):
            await story.step("vibrate all motors", device.run_output(DeviceOutputCommand(OutputType.VIBRATE, 0.3)))
    await story.step("stop all", client.stop_all_devices())
    story.check(not failures, f"errors out of turn: {failures}")
    await story.step("disconnect", client.disconnect())
    assert not client.connected


async def drive(story, device, feature):
    for name, output in (feature.outputs or {}).items():
        kind = OutputType(name)
        low, high = output.value
        for value in [high, -high if low < 0 else max(high // 2, 1)]:
            duration = 200 if kind == OutputType.POSITION_WITH_DURATION else None
            await story.step(f"{name} {value}", feature.run_output(DeviceOutputCommand(kind, value, duration)))
            story.drove(device.index, name, value)
        half = feature.convert_to_step(kind, 0.5)
        await story.step(f"{name} 50 %", feature.run_output(DeviceOutputCommand(kind, 0.5, 100 if duration else None)))
        story.drove(device.index, name, half)
    if feature.outputs:
        await story.step("stop feature", feature.stop())
    for kind in (feature.inputs or {}):
        story.saw(f"input {kind}, known to the library: {kind in list(InputType)}")


asyncio.run(Story(sys.argv[1]).tell(main))
