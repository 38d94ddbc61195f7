import { ButtplugClient, ButtplugNodeWebsocketClientConnector, InputCommandType, InputType } from "buttplug";

const client = new ButtplugClient("Sensing");
client.addListener("inputreading", (reading) => console.log("reading", reading));
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
for (const device of client.devices.values()) {
  if (device.hasInput(InputType.Battery)) console.log(device.name, await device.battery());
  for (const feature of device.features.values()) {
    if (!feature.hasInput(InputType.Pressure)) continue;
    await feature.runInput(InputType.Pressure, InputCommandType.Subscribe);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await feature.runInput(InputType.Pressure, InputCommandType.Unsubscribe);
  }
}
await client.disconnect();
