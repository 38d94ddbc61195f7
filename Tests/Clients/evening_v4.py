# An evening with many devices on PyPI's `buttplug` 1.0.0 (spec v4). Usage: evening_v4.py URL COUNT
# Must not know what the devices are told. Between two meetings it does one thing, so that the runner can look at the devices.

import asyncio
import sys

from buttplug import ButtplugClient, DeviceOutputCommand, OutputType

from lifecycle import Story

COUNT = int(sys.argv[2])


async def main(story):
    client = ButtplugClient("PyPI buttplug 1.0.0")
    there = asyncio.Event()
    client.on_device_added = lambda _: there.set() if len(client.devices) == COUNT else None
    await story.step("connect", client.connect(story.url))
    await story.step("start scanning", client.start_scanning())
    await story.step("devices", there.wait(), within=30)
    await story.step("stop scanning", client.stop_scanning())
    batteries = 0
    for device in client.devices.values():
        if device.has_battery():
            level = await story.step(f"battery of {device.name}", device.battery())
            print(f"battery {device.name}: {level:.2f}", flush=True)
            batteries += 1
    story.saw(f"{len(client.devices)} devices, {batteries} batteries")
    await story.everybody()
    for device in client.devices.values():
        for feature in device.features.values():
            for name, output in (feature.outputs or {}).items():
                kind = OutputType(name)
                duration = 200 if kind == OutputType.POSITION_WITH_DURATION else None
                await story.step(f"{device.name}: {name}", feature.run_output(DeviceOutputCommand(kind, output.value[1], duration)))
                story.drove(device.index, name, output.value[1])
    await story.everybody()
    await story.step("stop all", client.stop_all_devices())
    await story.everybody()
    await story.step("disconnect", client.disconnect())


asyncio.run(Story(sys.argv[1]).tell(main))
