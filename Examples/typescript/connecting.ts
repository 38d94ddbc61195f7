import { ButtplugClient, ButtplugNodeWebsocketClientConnector } from "buttplug";

const client = new ButtplugClient("Connecting");
client.addListener("disconnect", () => console.log("the server is gone"));
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
console.log(`connected: ${client.connected}`);
await client.disconnect();
