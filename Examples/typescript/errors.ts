import {
  ButtplugClient, ButtplugClientConnectorException, ButtplugDeviceError, ButtplugError, ButtplugNodeWebsocketClientConnector,
} from "buttplug";

/** What to show a person, by the class of the error. */
function words(error: unknown): string {
  if (error instanceof ButtplugClientConnectorException) return "no server there";
  if (error instanceof ButtplugDeviceError) return `the device: ${error.message}`;
  if (error instanceof ButtplugError) return `${error.constructor.name}: ${error.message}`; // Init, Message, Ping, Unknown
  throw error;
}

const client = new ButtplugClient("Errors");
await client.connect(new ButtplugNodeWebsocketClientConnector("ws://127.0.0.1:1")).catch((error: unknown) => console.log(words(error)));
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
for (const device of client.devices.values()) {
  await device.battery().catch((error: unknown) => console.log(`${device.name}: ${words(error)}`));
}
await client.disconnect();
