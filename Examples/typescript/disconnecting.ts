import { ButtplugClient, ButtplugNodeWebsocketClientConnector } from "buttplug";

const client = new ButtplugClient("Disconnecting");
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
try {
  // … what the application does …
} finally {
  // Sends a stop for all devices first. From Plugboard it stops what this client has started, unless a rule says otherwise.
  await client.disconnect();
}
