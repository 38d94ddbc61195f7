import { ButtplugClient, ButtplugNodeWebsocketClientConnector } from "buttplug";

const client = new ButtplugClient("Disconnecting");
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
await client.disconnect(); // stops every device of the server first, also those that others drive, as far as the server's rules let it
