import { ButtplugBrowserWebsocketClientConnector, ButtplugClient, ButtplugNodeWebsocketClientConnector } from "buttplug";

// WebSocket to a server outside: one connector for browsers, one for Node.
const isBrowser = typeof window !== "undefined";
const Connector = isBrowser ? ButtplugBrowserWebsocketClientConnector : ButtplugNodeWebsocketClientConnector;
const client = new ButtplugClient("Connectors");
await client.connect(new Connector(url));
await client.disconnect();
