using Buttplug.Client;
using Buttplug.Core;
using Buttplug.Core.Messages;

await using var client = new ButtplugClient("Together");
try
{
    await client.ConnectAsync(new ButtplugWebsocketConnector(new Uri(url)));
    await client.StartScanningAsync();
    await Task.Delay(TimeSpan.FromSeconds(1));
    await client.StopScanningAsync();
    foreach (var device in client.Devices)
    {
        if (device.HasInput(InputType.Battery) && await device.BatteryAsync() < 0.1)
        {
            Console.WriteLine($"{device.Name} needs charging");
            continue;
        }
        if (!device.HasOutput(OutputType.Vibrate)) continue;
        foreach (var level in new[] { 0.2, 0.6, 0 }) await device.RunOutputAsync(DeviceOutput.Vibrate.Percent(level));
        await device.StopAsync();
        Console.WriteLine($"{device.Name} played");
    }
}
catch (ButtplugException error)
{
    Console.WriteLine($"{error.GetType().Name}: {error.Message}");
}
