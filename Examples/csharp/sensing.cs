using Buttplug.Client;
using Buttplug.Core.Messages;

var client = new ButtplugClient("Sensing");
client.InputReadingReceived += (_, _) => Console.WriteLine("a reading");
await client.ConnectAsync(new ButtplugWebsocketConnector(new Uri(url)));
foreach (var device in client.Devices)
{
    if (device.HasInput(InputType.Battery)) Console.WriteLine($"{device.Name}: {await device.BatteryAsync():P0}");
    if (!device.HasInput(InputType.Pressure)) continue;
    await device.RunInputAsync(DeviceInput.Pressure.Subscribe());
    await Task.Delay(TimeSpan.FromSeconds(1));
    await device.RunInputAsync(DeviceInput.Pressure.Unsubscribe());
}
await client.DisconnectAsync();
