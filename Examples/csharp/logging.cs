using Buttplug.Client;

// This library has no log. It has events instead.
var client = new ButtplugClient("Logging");
client.ErrorReceived += (_, what) => Console.WriteLine($"error: {what.Exception.Message}");
client.PingTimeout += (_, _) => Console.WriteLine("the server had no ping from us in time");
client.ServerDisconnect += (_, _) => Console.WriteLine("disconnected");
await client.ConnectAsync(new ButtplugWebsocketConnector(new Uri(url)));
await client.DisconnectAsync();
