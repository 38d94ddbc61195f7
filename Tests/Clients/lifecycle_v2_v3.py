# The life of an app on PyPI's `buttplug-py` 0.2.0, as spec v2 or v3. Usage: lifecycle_v2_v3.py URL 2|3
# Must not know which server it talks to. The library waits for ScanningFinished after StopScanning and hangs on unknown fields.

import asyncio
import logging
import sys

from buttplug import Client, ProtocolSpec, WebsocketConnector
from buttplug.client import SubscribableSensor

from lifecycle import Story

VERSION = int(sys.argv[2])

# What the library itself gets wrong, whoever it talks to: it compares a device's index with a sensor's, and it subscribes only to
# what can also be read.
OWN_MISTAKES = ("Received battery level from device index", "subscribable sensor that was not previously defined")


class Errors(logging.Handler):
    def __init__(self):
        super().__init__(logging.ERROR)
        self.texts = []

    def emit(self, record):
        if not any(mistake in record.getMessage() for mistake in OWN_MISTAKES):
            self.texts.append(record.getMessage())


async def four(client):
    while len(client.devices) < 4:
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)


async def finished(story, what, scan):
    """The library hands out None instead of a future when ScanningFinished has come with the Ok in one read, as it can while others scan."""
    if scan is None:
        story.saw(f"{what}: it had come before the library was ready to wait")
    else:
        await story.step(what, scan)


async def main(story):
    errors = Errors()
    logging.getLogger().addHandler(errors)
    client = Client(f"PyPI buttplug-py 0.2.0 v{VERSION}", ProtocolSpec(VERSION))
    await story.step("connect", client.connect(WebsocketConnector(story.url)))
    for _ in range(2):
        await story.step("start scanning", client.start_scanning())
        await story.step("devices, and a while more", four(client))
        # The library fails here when it was told of the scan's end before.
        scan = await story.step("stop scanning", client.stop_scanning())
        await finished(story, "scanning finished after a stop", scan)
    story.check(len(client.devices) == 4, f"{len(client.devices)} devices")
    await story.everybody()
    for index, device in client.devices.items():
        story.saw(
            f"device {index} {device.name!r}: {len(device.actuators)} actuators, {len(device.linear_actuators)} linear, "
            f"{len(device.rotatory_actuators)} rotatory, {len(device.sensors)} sensors"
        )
        await drive(story, index, device)
        for sensor in device.sensors:
            values = await story.step("read a sensor", sensor.read if VERSION == 2 else sensor.read())
            story.check(len(values) > 0, f"read {values}")
            if isinstance(sensor, SubscribableSensor):
                heard = asyncio.Event()
                await story.step(f"subscribe to {sensor.type}", sensor.subscribe(lambda data: heard.set()))
                await story.step("a reading", heard.wait())
                await story.step("unsubscribe", sensor.unsubscribe())
        await story.step("stop device", device.stop())
    await story.step("stop all", client.stop_all())
    story.check(not errors.texts, f"the library complained: {errors.texts}")
    await story.step("disconnect", client.disconnect())


async def drive(story, index, device):
    for actuator in device.actuators:
        for level in (1.0, 0.25):
            await story.step(f"drive at {level}", actuator.command(level))
            story.drove(index, getattr(actuator, "type", "Vibrate"))
    for actuator in device.rotatory_actuators:
        await story.step("rotate", actuator.command(0.5, True))
        await story.step("rotate back", actuator.command(1.0, False))
        story.drove(index, "Rotate")
    for actuator in device.linear_actuators:
        await story.step("move", actuator.command(100, 0.9))
        await story.step("move back", actuator.command(50, 0.1))
        story.drove(index, "HwPositionWithDuration")


asyncio.run(Story(sys.argv[1]).tell(main))
