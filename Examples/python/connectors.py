from buttplug import ButtplugClient

# One way only: WebSocket to a server outside.
client = ButtplugClient("Connectors")
await client.connect(url)
print(f"connected to {client.server_name}")
await client.disconnect()
