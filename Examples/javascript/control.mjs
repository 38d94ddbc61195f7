import { ButtplugClient, ButtplugNodeWebsocketClientConnector, DeviceOutput, OutputType } from "buttplug";

const client = new ButtplugClient("Control");
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
for (const device of client.devices.values()) {
  if (device.hasOutput(OutputType.Vibrate)) {
    await device.runOutput(DeviceOutput.Vibrate.percent(0.5));
    await device.runOutput(DeviceOutput.Vibrate.steps(3));
  }
  await device.stop();
}
await client.stopAllDevices();
await client.disconnect();
