import asyncio

from buttplug import ButtplugClient

client = ButtplugClient("Enumeration")
finished = asyncio.Event()
client.on_device_added = lambda device: print(f"added: {device.name}")
client.on_scanning_finished = finished.set
await client.connect(url)
await client.start_scanning()
await finished.wait()
for device in client.devices.values():
    print(device.index, device.name, [feature.description for feature in device.features.values()])
await client.disconnect()
