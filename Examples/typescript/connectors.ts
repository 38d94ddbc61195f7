import {
  ButtplugBrowserWebsocketClientConnector, ButtplugClient, ButtplugNodeWebsocketClientConnector, type IButtplugClientConnector,
} from "buttplug";

/** WebSocket to a server outside: one connector for browsers, one for Node. */
function connector(): IButtplugClientConnector {
  return typeof window === "undefined" ? new ButtplugNodeWebsocketClientConnector(url) : new ButtplugBrowserWebsocketClientConnector(url);
}

const client = new ButtplugClient("Connectors");
await client.connect(connector());
await client.disconnect();
