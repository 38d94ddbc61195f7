from buttplug import ButtplugClient, DeviceOutputCommand, OutputType

client = ButtplugClient("Control")
await client.connect(url)
for device in client.devices.values():
    if device.has_output(OutputType.VIBRATE):
        await device.run_output(DeviceOutputCommand(OutputType.VIBRATE, 0.5))  # a fraction
        await device.run_output(DeviceOutputCommand(OutputType.VIBRATE, 3))  # steps
        print(f"{device.name} vibrates")
    if device.has_output(OutputType.POSITION_WITH_DURATION):
        await device.run_output(DeviceOutputCommand(OutputType.POSITION_WITH_DURATION, 0.8, 300))
        print(f"{device.name} moves")
    await device.stop()
await client.stop_all_devices()
await client.disconnect()
