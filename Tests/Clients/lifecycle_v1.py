# The life of an app on PyPI's `buttplug` 0.3.0 (spec v1). Usage: lifecycle_v1.py URL
# Must not know which server it uses. The library never pings and never times out.

import asyncio
import sys

from buttplug.client import ButtplugClient, ButtplugClientWebsocketConnector

from lifecycle import Story


async def main(story):
    client = ButtplugClient("PyPI buttplug 0.3.0")
    added, there, finished = [], asyncio.Event(), asyncio.Event()

    def found(_, device):
        added.append(device)
        if len(added) == 4:
            there.set()

    client.device_added_handler += found
    client.scanning_finished_handler += lambda *_: finished.set()
    await story.step("connect", client.connect(ButtplugClientWebsocketConnector(story.url)))
    await story.step("request log", client.request_log("Off"))
    await story.step("start scanning", client.start_scanning())
    await story.step("devices", there.wait())
    await story.step("start scanning again", client.start_scanning())
    story.check(not finished.is_set(), "told of the end of a scan that goes on")
    await story.step("stop scanning", client.stop_scanning())
    await story.step("scanning finished after a stop", finished.wait())
    story.check(len(client.devices) == 4 and len(added) == 4, f"{len(client.devices)} devices, {len(added)} announced or listed")
    await story.everybody()
    for index, device in client.devices.items():
        counts = {name: getattr(attributes, "feature_count", None) for name, attributes in device.allowed_messages.items()}
        story.saw(f"device {index} {device.name!r}: {counts}")
        if "VibrateCmd" in counts:
            for speed in (1.0, 0.25):
                await story.step(f"vibrate {speed}", device.send_vibrate_cmd(speed))
                story.drove(index, "Vibrate")
            await story.step("vibrate each", device.send_vibrate_cmd([0.5] * counts["VibrateCmd"]))
            story.drove(index, "Vibrate")
        if "RotateCmd" in counts:
            await story.step("rotate", device.send_rotate_cmd((0.5, True)))
            await story.step("rotate back", device.send_rotate_cmd({0: (1.0, False)}))
            story.drove(index, "Rotate")
        if "LinearCmd" in counts:
            await story.step("move", device.send_linear_cmd((100, 0.9)))
            await story.step("move back", device.send_linear_cmd([(50, 0.1)]))
            story.drove(index, "HwPositionWithDuration")
        await story.step("stop device", device.send_stop_device_cmd())
    await story.step("disconnect", client.disconnect())


asyncio.run(Story(sys.argv[1]).tell(main))
