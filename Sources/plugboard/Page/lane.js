// One output of one device: who asks for what, who drives, what the device was told, and the last minute of that.
// Must not know the document or the network.

import { typeName } from "./words.js";

/** Ten samples a second for a minute. */
export const SAMPLES = 600;

export class Lane {
	data = null;
	/** The sessions that ask, by id. */
	by = new Map();
	/** The session that drives, or null: the winner, or who moves it by a lease. */
	driver = null;
	/** What the device was told, as a share of its range: 0…1, or −1…1 when it turns both ways. */
	level = 0;
	/** The last minute, oldest first from `head` on; NaN: not known. */
	history = new Float32Array(SAMPLES).fill(NaN);
	head = 0;
	deviceName = "";
	title = "";
	typeName = "";
	type = "";
	/** When it last did anything, by this page's clock. */
	active = -Infinity;
	#ranges = new Map();
	#at = 0;

	static key(data) {
		return `${data.device}.${data.feature}`;
	}

	get key() {
		return Lane.key(this.data);
	}

	set(data, device) {
		this.data = data;
		this.#at = performance.now();
		this.by = new Map(data.contributions.map((one) => [one.session, one]));
		this.driver = data.winner ?? data.lease?.session ?? null;
		if (device) this.name(device);
		this.#level(data.written?.type, data.written?.value ?? 0);
		if (this.by.size || this.driver) this.active = this.#at;
	}

	/** What the device was told, between two whole lanes. */
	told(type, value, winner) {
		if (winner) this.driver = this.data.winner = winner;
		this.data.written = { type, value };
		this.#level(type, value);
	}

	#level(type, value) {
		this.level = this.share(type, value);
		if (this.level) this.active = performance.now();
	}

	name(device) {
		if (!device) return;
		this.deviceName = device.display_name ?? device.name;
		const feature = device.features.find((one) => one.index === this.data.feature);
		this.#ranges = new Map((feature?.outputs ?? []).map((one) => [one.type, one]));
		this.description = feature?.description ?? "";
		this.type = feature?.outputs[0]?.type ?? this.data.type ?? "";
		this.typeName = typeName(this.type);
	}

	share(type, value) {
		return value / (this.#ranges.get(type)?.max || this.data.max || 1);
	}

	get outputs() {
		return [...this.#ranges.values()];
	}

	get isSigned() {
		return (this.#ranges.get(this.data.type ?? this.type)?.min ?? 0) < 0;
	}

	/** Seconds left now, as far as this page can tell. */
	leaseLeft() {
		return this.data.lease ? Math.max(this.data.lease.until - (performance.now() - this.#at) / 1000, 0) : 0;
	}

	heldLeft() {
		return Math.max((this.data.held_off || 0) - (performance.now() - this.#at) / 1000, 0);
	}

	sample(known) {
		this.history[this.head] = known ? this.level : NaN;
		this.head = (this.head + 1) % SAMPLES;
	}
}
