using Buttplug.Client;
using Buttplug.Core.Messages;

var client = new ButtplugClient("Control");
await client.ConnectAsync(new ButtplugWebsocketConnector(new Uri(url)));
foreach (var device in client.Devices)
{
    // A device: every feature that has such an output.
    if (device.HasOutput(OutputType.Vibrate)) await device.RunOutputAsync(DeviceOutput.Vibrate.Percent(0.5));
    if (device.HasOutput(OutputType.HwPositionWithDuration)) await device.RunOutputAsync(DeviceOutput.PositionWithDuration.Percent(0.8, 300));
    // A feature: that one, here by its own steps.
    foreach (var feature in device.GetFeaturesWithOutput(OutputType.Vibrate)) await feature.RunOutputAsync(DeviceOutput.Vibrate.Steps(3));
    await device.StopAsync(); // from 5.0.1 on; 5.0.0 sends a message that version 4 does not have
}
await client.StopAllDevicesAsync();
await client.DisconnectAsync();
