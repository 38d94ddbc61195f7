// "Try it": while it is on, the page is an app of its own and every device has sliders. Leaving it, or the page, stops what it drives.
// Must not know how the sliders look.

import { Client, clientAddress } from "./client.js";
import { mark } from "./dom.js";
import { note } from "./notes.js";

export class Panel {
	client = null;
	ready = false;
	/** What the page asks for, by lane: a card that is filled again shows it again. */
	wanted = new Map();

	/** @param changed is called when sliders come, go or go back to zero. */
	constructor(button, model, changed) {
		this.button = button;
		this.model = model;
		this.changed = changed;
		button.addEventListener("click", () => (this.client ? this.leave() : this.enter()));
		addEventListener("pagehide", () => this.leave());
	}

	enter() {
		const address = clientAddress(this.model.status?.listeners ?? []);
		if (!address) return note(["This page cannot reach a client port: none is ws:// or wss://."], true);
		this.client = new Client(address, (what, text) => this.#received(what, text));
		this.#show();
	}

	leave() {
		this.client?.close();
	}

	#received(what, text) {
		if (what === "ready") {
			this.ready = true;
		} else if (what === "devices") {
			for (const device of this.client.devices.values()) {
				for (const [feature, one] of Object.entries(device.DeviceFeatures)) {
					for (const [type, input] of Object.entries(one.Input ?? {})) {
						if (input.Command?.includes("Read")) this.client.read(device.DeviceIndex, Number(feature), type);
					}
				}
			}
		} else if (what === "problem") {
			note(["The router refused: ", { name: text }], true);
		} else {
			if (!this.ready) note(["The page cannot connect as an app. ", { name: text || "The client port does not answer." }], true);
			else if (text) note(["The page is no app any more: ", { name: text }], true);
			this.client = null;
			this.ready = false;
			this.wanted.clear();
		}
		this.#show();
		this.changed();
	}

	#show() {
		mark(this.button, "aria-pressed", this.client !== null);
		this.button.textContent = this.client ? (this.ready ? "Stop trying" : "Connecting…") : "Try it";
	}

	drive(lane, type, value) {
		this.wanted.set(lane.key, value);
		this.client?.drive(lane.data.device, lane.data.feature, type, value);
	}

	mayDrive(lane, type) {
		return this.ready && this.client.has(lane.data.device, lane.data.feature, type);
	}

	/** Nothing of this page runs any more; its sliders go back. */
	stop() {
		this.client?.stop();
		this.forget(() => true);
	}

	forget(lanes) {
		for (const key of this.wanted.keys()) if (lanes(key)) this.wanted.delete(key);
		this.changed();
	}
}
