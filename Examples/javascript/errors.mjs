import { ButtplugClient, ButtplugClientConnectorException, ButtplugDeviceError, ButtplugNodeWebsocketClientConnector } from "buttplug";

const client = new ButtplugClient("Errors");
try {
  await client.connect(new ButtplugNodeWebsocketClientConnector("ws://127.0.0.1:1"));
} catch (error) {
  console.log(error instanceof ButtplugClientConnectorException ? "no server there" : error);
}
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
for (const device of client.devices.values()) {
  try {
    await device.battery();
  } catch (error) {
    if (error instanceof ButtplugDeviceError) console.log(`${device.name}: ${error.message}`);
    else throw error;
  }
}
await client.disconnect();
