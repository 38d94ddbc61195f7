using Buttplug.Client;

var client = new ButtplugClient("Connecting");
client.ServerDisconnect += (_, _) => Console.WriteLine("the server is gone");
client.ErrorReceived += (_, what) => Console.WriteLine(what.Exception.Message); // errors that answer no request
using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
await client.ConnectAsync(new ButtplugWebsocketConnector(new Uri(url)), patience.Token); // pings by itself when the server wants it
Console.WriteLine($"connected: {client.Connected}");
await client.DisconnectAsync();
