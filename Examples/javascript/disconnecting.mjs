import { ButtplugClient, ButtplugNodeWebsocketClientConnector } from "buttplug";

const client = new ButtplugClient("Disconnecting");
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
await client.disconnect(); // sends a stop for all devices first; from Plugboard it stops what this client has started, unless a rule says otherwise
