// What the examples use of buttplug-js 4 (`buttplug` on npm), declared by hand from its documentation, so that a compiler can check
// them where npm cannot be reached. Your project needs no such file: the package has declarations of its own.
// Must not declare anything that the library does not have.

/** The address of the server, which every example takes as given. */
declare const url: string;

declare module "buttplug" {
  export enum OutputType {
    Vibrate = "Vibrate",
    Rotate = "Rotate",
    Oscillate = "Oscillate",
    Constrict = "Constrict",
    Temperature = "Temperature",
    Led = "Led",
    Spray = "Spray",
    Position = "Position",
    HwPositionWithDuration = "HwPositionWithDuration",
  }

  export enum InputType {
    Battery = "Battery",
    RSSI = "RSSI",
    Button = "Button",
    Pressure = "Pressure",
  }

  export enum InputCommandType {
    Read = "Read",
    Subscribe = "Subscribe",
    Unsubscribe = "Unsubscribe",
  }

  export class DeviceOutputCommand {
    private constructor();
    get outputType(): OutputType;
  }

  interface ValueBuilder {
    /** 0 to 1 of the feature's range. */
    percent(percent: number): DeviceOutputCommand;
    steps(steps: number): DeviceOutputCommand;
  }

  export class DeviceOutput {
    private constructor();
    static get Vibrate(): ValueBuilder;
    static get Rotate(): ValueBuilder;
    static get Oscillate(): ValueBuilder;
    static get Position(): ValueBuilder;
    static get PositionWithDuration(): { percent(percent: number, milliseconds: number): DeviceOutputCommand };
  }

  export class ButtplugClientDeviceFeature {
    private constructor();
    hasOutput(type: OutputType): boolean;
    hasInput(type: InputType): boolean;
    runOutput(command: DeviceOutputCommand): Promise<void>;
    runInput(type: InputType, command: InputCommandType): Promise<unknown>;
  }

  export class ButtplugClientDevice {
    private constructor();
    get name(): string;
    get displayName(): string | undefined;
    get index(): number;
    get features(): ReadonlyMap<number, ButtplugClientDeviceFeature>;
    hasOutput(type: OutputType): boolean;
    hasInput(type: InputType): boolean;
    runOutput(command: DeviceOutputCommand): Promise<void>;
    battery(): Promise<number>;
    stop(): Promise<void>;
  }

  export interface IButtplugClientConnector {
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    get Connected(): boolean;
  }

  export class ButtplugBrowserWebsocketClientConnector implements IButtplugClientConnector {
    constructor(url: string);
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    get Connected(): boolean;
  }

  export class ButtplugNodeWebsocketClientConnector extends ButtplugBrowserWebsocketClientConnector {}

  export class ButtplugClient {
    constructor(clientName?: string);
    get connected(): boolean;
    get devices(): ReadonlyMap<number, ButtplugClientDevice>;
    connect(connector: IButtplugClientConnector): Promise<void>;
    disconnect(): Promise<void>;
    startScanning(): Promise<void>;
    stopScanning(): Promise<void>;
    stopAllDevices(): Promise<void>;
    addListener(event: "deviceadded" | "deviceremoved", listener: (device: ButtplugClientDevice) => void): this;
    addListener(event: "disconnect" | "scanningfinished", listener: () => void): this;
    addListener(event: "inputreading", listener: (reading: unknown) => void): this;
  }

  export class ButtplugError extends Error {}
  export class ButtplugInitError extends ButtplugError {}
  export class ButtplugPingError extends ButtplugError {}
  export class ButtplugMessageError extends ButtplugError {}
  export class ButtplugDeviceError extends ButtplugError {}
  export class ButtplugUnknownError extends ButtplugError {}
  export class ButtplugClientConnectorException extends ButtplugError {}

  export enum ButtplugLogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
  }

  export class ButtplugLogger {
    static get Logger(): ButtplugLogger;
    MaximumConsoleLogLevel: ButtplugLogLevel;
  }
}
