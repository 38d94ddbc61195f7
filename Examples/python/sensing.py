from buttplug import ButtplugClient

client = ButtplugClient("Sensing")
await client.connect(url)
for device in client.devices.values():
    if device.has_battery():
        print(f"{device.name}: {'full' if await device.battery() > 0.9 else 'not full'}")
await client.disconnect()  # this library cannot subscribe
