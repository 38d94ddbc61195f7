// A small Buttplug v4 client: one app among others, as the router sees it. Newest value wins; at most twenty a second per output.
// Must not know the document.

const GAP = 50;
export const NAME = "Plugboard panel";

/** The first listener that this page can reach (a page from https:// may not use ws://); "any address" is the page's own host. */
export function clientAddress(listeners, host = location.hostname) {
	const schemes = location.protocol === "https:" ? ["wss://", "ws://"] : ["ws://", "wss://"];
	const listener = schemes.map((scheme) => listeners.find((one) => one.startsWith(scheme))).find(Boolean);
	if (!listener) return null;
	const url = new URL(listener);
	if (["0.0.0.0", "[::]"].includes(url.hostname)) url.hostname = host;
	return url.href;
}

export class Client {
	devices = new Map();
	#socket;
	#id = 0;
	#wanted = new Map();
	#timer = 0;
	#pings = 0;

	/** @param changed is called with "ready", "devices", "problem" (and its text) or "closed". */
	constructor(address, changed) {
		this.changed = changed;
		const socket = (this.#socket = new WebSocket(address));
		socket.onopen = () => this.#send("RequestServerInfo", { ClientName: NAME, ProtocolVersionMajor: 4, ProtocolVersionMinor: 0 });
		socket.onmessage = (message) => {
			for (const one of JSON.parse(message.data)) for (const [name, body] of Object.entries(one)) this.#take(name, body);
		};
		socket.onclose = (event) => this.#closed(event.reason);
	}

	#send(name, fields = {}) {
		if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify([{ [name]: { Id: ++this.#id, ...fields } }]));
	}

	#take(name, body) {
		if (name === "ServerInfo") {
			if (body.MaxPingTime > 0) this.#pings = setInterval(() => this.#send("Ping"), body.MaxPingTime / 2);
			this.#send("RequestDeviceList");
			this.changed("ready");
		} else if (name === "DeviceList") {
			this.devices = new Map(Object.values(body.Devices).map((one) => [one.DeviceIndex, one]));
			this.changed("devices");
		} else if (name === "Error") {
			this.changed("problem", body.ErrorMessage);
		}
	}

	has(device, feature, type) {
		return this.devices.get(device)?.DeviceFeatures?.[feature]?.Output?.[type] !== undefined;
	}

	drive(device, feature, type, value) {
		this.#wanted.set(`${device}.${feature}`, { DeviceIndex: device, FeatureIndex: feature, type, value });
		if (!this.#timer) this.#flush();
	}

	#flush() {
		this.#timer = 0;
		for (const { type, value, ...where } of this.#wanted.values()) {
			const command = type === "HwPositionWithDuration" ? { Value: value, Duration: 200 } : { Value: value };
			this.#send("OutputCmd", { ...where, Command: { [type]: command } });
		}
		const sent = this.#wanted.size;
		this.#wanted.clear();
		if (sent) this.#timer = setTimeout(() => this.#flush(), GAP);
	}

	stop() {
		this.#wanted.clear();
		this.#send("StopCmd");
	}

	/** Asks once for what sensors say, so that the devices' panel has it. */
	read(device, feature, type) {
		this.#send("InputCmd", { DeviceIndex: device, FeatureIndex: feature, Type: type, Command: "Read" });
	}

	close() {
		this.stop();
		this.#socket.onclose = null;
		this.#socket.close(1000);
		this.#closed("");
	}

	#closed(reason) {
		clearInterval(this.#pings);
		clearTimeout(this.#timer);
		this.devices.clear();
		this.changed("closed", reason);
	}
}
