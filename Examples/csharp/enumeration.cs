using Buttplug.Client;
using Buttplug.Core.Messages;

var client = new ButtplugClient("Enumeration");
client.DeviceAdded += (_, what) => Console.WriteLine($"added: {what.Device.Name}");
client.DeviceRemoved += (_, what) => Console.WriteLine($"removed: {what.Device.Name}");
await client.ConnectAsync(new ButtplugWebsocketConnector(new Uri(url)));
await client.StartScanningAsync();
await Task.Delay(TimeSpan.FromSeconds(1));
await client.StopScanningAsync();
foreach (var device in client.Devices)
{
    var vibrators = device.GetFeaturesWithOutput(OutputType.Vibrate).Count();
    Console.WriteLine($"{device.Index} {device.Name}: {device.Features.Count} features, {vibrators} of them vibrate");
}
await client.DisconnectAsync();
