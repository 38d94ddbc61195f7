from buttplug import ButtplugClient, DeviceOutputCommand, OutputType

client = ButtplugClient("Disconnecting")
await client.connect(url)
for device in client.devices.values():
    if device.has_output(OutputType.VIBRATE):
        await device.run_output(DeviceOutputCommand(OutputType.VIBRATE, 0.2))
await client.disconnect()  # the server stops what this client has started
print("disconnected")
