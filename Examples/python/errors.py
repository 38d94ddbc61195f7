from buttplug import ButtplugClient, ButtplugConnectorError, ButtplugDeviceError, ButtplugError

client = ButtplugClient("Errors")
try:
    await client.connect("ws://127.0.0.1:1")
except ButtplugConnectorError:
    print("no server there")
await client.connect(url)
for device in client.devices.values():
    try:
        await device.battery()
    except ButtplugDeviceError as error:
        print(f"{device.name}: {error}")
    except ButtplugError as error:  # Handshake, Message, Ping, Unknown
        print(f"{device.name}: {type(error).__name__}: {error}")
await client.disconnect()
