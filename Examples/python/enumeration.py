import asyncio

from buttplug import ButtplugClient

client = ButtplugClient("Enumeration")
client.on_device_added = lambda device: print(f"added: {device.name}")
await client.connect(url)
await client.start_scanning()
await asyncio.sleep(1)
await client.stop_scanning()
for device in client.devices.values():
    print(device.index, device.name, [feature.description for feature in device.features.values()])
await client.disconnect()
