import {
  ButtplugClient, ButtplugClientDevice, ButtplugError, ButtplugNodeWebsocketClientConnector, DeviceOutput, InputType, OutputType,
} from "buttplug";

async function play(device: ButtplugClientDevice): Promise<void> {
  if (device.hasInput(InputType.Battery)) console.log(`${device.name}: battery ${await device.battery()}`);
  if (!device.hasOutput(OutputType.Vibrate)) return;
  for (const level of [0.2, 0.6]) await device.runOutput(DeviceOutput.Vibrate.percent(level));
  await device.stop();
  console.log(`${device.name} played`);
}

const client = new ButtplugClient("Together");
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
try {
  await client.startScanning();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await client.stopScanning();
  for (const device of client.devices.values()) await play(device);
} catch (error) {
  if (!(error instanceof ButtplugError)) throw error;
  console.log(`${error.constructor.name}: ${error.message}`);
} finally {
  await client.disconnect();
}
