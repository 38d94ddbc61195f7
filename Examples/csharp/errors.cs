using Buttplug.Client;
using Buttplug.Core;

var client = new ButtplugClient("Errors");
try
{
    await client.ConnectAsync(new ButtplugWebsocketConnector(new Uri("ws://127.0.0.1:1")));
}
catch (ButtplugClientConnectorException)
{
    Console.WriteLine("no server there");
}
await client.ConnectAsync(new ButtplugWebsocketConnector(new Uri(url)));
foreach (var device in client.Devices)
{
    try
    {
        await device.BatteryAsync();
    }
    catch (ButtplugDeviceException error)
    {
        Console.WriteLine($"{device.Name}: {error.Message}");
    }
    catch (ButtplugException error) // Handshake, Message, Ping, Unknown
    {
        Console.WriteLine($"{device.Name}: {error.GetType().Name}: {error.Message}");
    }
}
await client.DisconnectAsync();
