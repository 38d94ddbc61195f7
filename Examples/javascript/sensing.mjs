import { ButtplugClient, ButtplugNodeWebsocketClientConnector, InputType } from "buttplug";

const client = new ButtplugClient("Sensing");
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
for (const device of client.devices.values()) {
  if (device.hasInput(InputType.Battery)) console.log(device.name, await device.battery());
}
await client.disconnect();
