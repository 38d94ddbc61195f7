from buttplug import ButtplugClient

client = ButtplugClient("Connecting")
await client.connect(url)  # pings by itself when the server wants it
print(f"server {client.server_name}, connected: {client.connected}")
await client.disconnect()
print(f"connected: {client.connected}")
