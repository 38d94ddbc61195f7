import { ButtplugClient, ButtplugNodeWebsocketClientConnector, DeviceOutput, OutputType } from "buttplug";

const client = new ButtplugClient("Control");
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
for (const device of client.devices.values()) {
  // A device: every feature that has such an output.
  if (device.hasOutput(OutputType.Vibrate)) await device.runOutput(DeviceOutput.Vibrate.percent(0.5));
  if (device.hasOutput(OutputType.HwPositionWithDuration)) await device.runOutput(DeviceOutput.PositionWithDuration.percent(0.8, 300));
  // A feature: that one, here by its own steps.
  for (const feature of device.features.values()) {
    if (feature.hasOutput(OutputType.Vibrate)) await feature.runOutput(DeviceOutput.Vibrate.steps(3));
  }
  await device.stop();
}
await client.stopAllDevices();
await client.disconnect();
