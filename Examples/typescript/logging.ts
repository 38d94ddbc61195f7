import { ButtplugClient, ButtplugLogger, ButtplugLogLevel, ButtplugNodeWebsocketClientConnector } from "buttplug";

ButtplugLogger.Logger.MaximumConsoleLogLevel = ButtplugLogLevel.Debug;
const client = new ButtplugClient("Logging");
await client.connect(new ButtplugNodeWebsocketClientConnector(url));
await client.disconnect();
