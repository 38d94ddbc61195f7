import { ButtplugClient, ButtplugNodeWebsocketClientConnector, DeviceOutput, OutputType } from "buttplug";

const client = new ButtplugClient("Together");
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
try {
  await client.startScanning();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await client.stopScanning();
  for (const device of client.devices.values()) {
    if (!device.hasOutput(OutputType.Vibrate)) continue;
    for (const level of [0.2, 0.6]) await device.runOutput(DeviceOutput.Vibrate.percent(level));
    await device.stop();
  }
} finally {
  await client.disconnect();
}
