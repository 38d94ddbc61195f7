using Buttplug.Client;

// Leaving the block disconnects, also when something throws. Plugboard then stops what this client has started.
await using var client = new ButtplugClient("Disconnecting");
await client.ConnectAsync(new ButtplugWebsocketConnector(new Uri(url)));
