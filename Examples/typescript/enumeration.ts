import { ButtplugClient, ButtplugNodeWebsocketClientConnector, InputType, OutputType, type ButtplugClientDevice } from "buttplug";

/** The names of what a device can do: "Vibrate, Battery". */
function abilities(device: ButtplugClientDevice): string {
  const outputs = Object.values(OutputType).filter((type) => device.hasOutput(type));
  const inputs = Object.values(InputType).filter((type) => device.hasInput(type));
  return [...outputs, ...inputs].join(", ");
}

const client = new ButtplugClient("Enumeration");
client.addListener("deviceadded", (device) => console.log(`added: ${device.name}`));
client.addListener("deviceremoved", (device) => console.log(`removed: ${device.name}`));
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
await client.startScanning();
await new Promise((resolve) => setTimeout(resolve, 1000));
await client.stopScanning();
for (const device of client.devices.values()) console.log(device.index, device.displayName ?? device.name, abilities(device));
await client.disconnect();
