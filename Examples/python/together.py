import asyncio

from buttplug import ButtplugClient, ButtplugError, DeviceOutputCommand, OutputType

client = ButtplugClient("Together")
try:
    await client.connect(url)
    await client.start_scanning()
    await asyncio.sleep(1)
    await client.stop_scanning()
    for device in client.devices.values():
        if device.has_battery() and await device.battery() < 0.1:
            print(f"{device.name} needs charging")
            continue
        if device.has_output(OutputType.VIBRATE):
            for level in [0.2, 0.6, 0]:
                await device.run_output(DeviceOutputCommand(OutputType.VIBRATE, level))
            print(f"{device.name} played")
        await device.stop()
except ButtplugError as error:
    print(f"{type(error).__name__}: {error}")
finally:
    await client.disconnect()
