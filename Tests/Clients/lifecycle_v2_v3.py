# The life of an app on PyPI's `buttplug-py` 0.2.0, as spec v2 or v3. Usage: lifecycle_v2_v3.py URL 2|3
# Must not know which server it uses. The library waits for ScanningFinished after StopScanning and hangs on unknown fields.

import asyncio
import logging
import sys

from buttplug import Client, ProtocolSpec, WebsocketConnector
from buttplug.client import SubscribableSensor

from lifecycle import Story

VERSION = int(sys.argv[2])

# Faults of the library itself, with any server: it compares a device's index with a sensor's, and it subscribes only to sensors that
# can also be read.
OWN_MISTAKES = ("Received battery level from device index", "subscribable sensor that was not previously defined")


class Errors(logging.Handler):
    def __init__(self):
        super().__init__(logging.ERROR)
        self.texts = []

    def emit(self, record):
        if not any(mistake in record.getMessage() for mistake in OWN_MISTAKES):
            self.texts.append(record.getMessage())


class App(Client):
    """The library reports no new device; this is the one function that makes them."""

    def __init__(self, *words):
        super().__init__(*words)
        self.there = asyncio.Event()

    def _create_device(self, device):
        super()._create_device(device)
        if len(self.devices) == 4:
            self.there.set()


async def four(app):
    """Waits for the devices, and for one reply after them: an end of the scan that the server sent too early has come by then."""
    await app.there.wait()
    await app.stop_all()


async def finished(story, what, scan):
    """The library returns None instead of a future when ScanningFinished comes in one read with the Ok. This can happen while others scan."""
    if scan is None:
        story.saw(f"{what}: it had come before the library was ready to wait")
    else:
        await story.step(what, scan)


async def main(story):
    errors = Errors()
    logging.getLogger().addHandler(errors)
    client = App(f"PyPI buttplug-py 0.2.0 v{VERSION}", ProtocolSpec(VERSION))
    await story.step("connect", client.connect(WebsocketConnector(story.url)))
    for _ in range(2):
        await story.step("start scanning", client.start_scanning())
        await story.step("devices, and a reply after them", four(client))
        # The library fails here when it got the end of the scan before.
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
                arrived = asyncio.Event()
                await story.step(f"subscribe to {sensor.type}", sensor.subscribe(lambda data: arrived.set()))
                await story.step("a reading", arrived.wait())
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
