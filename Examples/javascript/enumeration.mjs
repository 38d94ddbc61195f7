import { ButtplugClient, ButtplugNodeWebsocketClientConnector } from "buttplug";

const client = new ButtplugClient("Enumeration");
client.addListener("deviceadded", (device) => console.log(`added: ${device.name}`));
client.addListener("deviceremoved", (device) => console.log(`removed: ${device.name}`));
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
await client.startScanning();
await new Promise((resolve) => setTimeout(resolve, 1000));
await client.stopScanning();
for (const device of client.devices.values()) console.log(device.index, device.name);
await client.disconnect();
