using Buttplug.Client;

// One way only: WebSocket to a server outside.
var client = new ButtplugClient("Connectors");
await client.ConnectAsync(new ButtplugWebsocketConnector(new Uri(url)));
await client.DisconnectAsync();
