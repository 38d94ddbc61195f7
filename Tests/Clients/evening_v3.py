# An evening with many devices on PyPI's `buttplug-py` 0.2.0 (spec v3). Usage: evening_v3.py URL COUNT
# Must not know what the devices are told. Between two meetings it does one thing, so that the runner can look at the devices.

import asyncio
import sys

from buttplug import Client, ProtocolSpec, WebsocketConnector

from lifecycle import Story

COUNT = int(sys.argv[2])
# A part of each range that is a whole number of steps everywhere but in a move, which goes to its beginning.
LEVEL = 0.4


class App(Client):
    """The library reports no new device; this is the one function that makes them."""

    def __init__(self, *words):
        super().__init__(*words)
        self.there = asyncio.Event()

    def _create_device(self, device):
        super()._create_device(device)
        if len(self.devices) == COUNT:
            self.there.set()


async def main(story):
    client = App("PyPI buttplug-py 0.2.0", ProtocolSpec.v3)
    await story.step("connect", client.connect(WebsocketConnector(story.url)))
    await story.step("start scanning", client.start_scanning())
    await story.step("devices", client.there.wait(), within=30)
    # None when the end of the scan came before the library was ready to wait for it.
    scan = await story.step("stop scanning", client.stop_scanning())
    if scan is not None:
        await story.step("scanning finished", scan)
    batteries = 0
    for device in client.devices.values():
        for sensor in device.sensors:
            if sensor.type == "Battery":
                [level] = await story.step(f"battery of {device.name}", sensor.read())
                print(f"battery {device.name}: {level / 100:.2f}", flush=True)
                batteries += 1
    story.saw(f"{len(client.devices)} devices, {batteries} batteries")
    await story.everybody()
    for index, device in client.devices.items():
        for actuator in device.actuators:
            await story.step(f"{device.name}: {actuator.type}", actuator.command(LEVEL))
            story.drove(index, actuator.type)
        for actuator in device.rotatory_actuators:
            await story.step(f"{device.name}: rotate", actuator.command(LEVEL, True))
            story.drove(index, "Rotate")
        for actuator in device.linear_actuators:
            await story.step(f"{device.name}: move", actuator.command(100, 0.0))
            story.drove(index, "HwPositionWithDuration")
    await story.everybody()
    await story.step("stop all", client.stop_all())
    await story.everybody()
    await story.step("disconnect", client.disconnect())


asyncio.run(Story(sys.argv[1]).tell(main))
