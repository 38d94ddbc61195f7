// What the router said last: events are applied to a snapshot, and who watches is told what changed.
// Must not know the document or the network.

import { Lane } from "./lane.js";

/** What there are many of: where they are, and by which member. */
const TABLES = { session: ["sessions", "id"], consent: ["consents", "id"], device: ["devices", "index"], upstream: ["upstreams", "url"] };

export const EVENTS = ["snapshot", "status", "session", "session_closed", "consent", "consent_closed", "device", "device_gone", "lane", "lane_gone", "upstream", "levels"];

export class Model {
	status = null;
	sessions = new Map();
	/** Those that wait to be let in, the longest first. */
	consents = new Map();
	devices = new Map();
	lanes = new Map();
	upstreams = new Map();
	order = [];
	#watchers = [];
	#sorted = true;

	/** `task(key)` is called after a change of these kinds: "all", "status", "session", "device", "lane", "levels", "order", "upstream", "consent". */
	watch(kinds, task) {
		this.#watchers.push({ kinds, task });
	}

	#tell(kind, key) {
		for (const { kinds, task } of this.#watchers) if (kinds.includes(kind)) task(key);
	}

	/** Lanes in order, sorted when there are new ones. */
	inOrder() {
		if (!this.#sorted) {
			this.order = [...this.lanes.values()].sort((a, b) => a.data.device - b.data.device || a.data.feature - b.data.feature);
			const seen = new Map();
			for (const lane of this.order) {
				lane.name(this.devices.get(lane.data.device));
				const same = `${lane.data.device} ${lane.type}`;
				const before = seen.get(same) ?? 0;
				seen.set(same, before + 1);
				lane.title = before ? `${lane.typeName} ${before + 1}` : lane.typeName;
			}
			this.#sorted = true;
		}
		return this.order;
	}

	apply(event, data) {
		const [kind, isGone] = event.split("_");
		if (TABLES[kind]) return this.#put(kind, data, isGone);
		if (kind === "snapshot") return this.#setAll(data);
		if (kind === "lane") return isGone ? this.#dropLane(data) : this.#setLane(data);
		if (kind === "levels") for (const [device, feature, type, value, winner] of data.lanes) this.lanes.get(`${device}.${feature}`)?.told(type, value, winner);
		else this.status = data;
		this.#tell(kind);
	}

	/** Sessions and devices are rows and columns: one that comes or goes changes the order. */
	#put(kind, data, isGone) {
		const [name, key] = TABLES[kind];
		const isFresh = !this[name].has(data[key]);
		if (isGone) this[name].delete(data[key]);
		else this[name].set(data[key], dated(data));
		if (kind === "device") this.#sorted = false;
		this.#tell((isFresh || isGone) && (kind === "session" || kind === "device") ? "order" : kind, data[key]);
	}

	#setAll(data) {
		const kept = this.lanes;
		this.status = data.status;
		for (const [name, key] of Object.values(TABLES)) this[name] = new Map(data[name].map((one) => [one[key], dated(one)]));
		this.lanes = new Map();
		for (const one of data.lanes) {
			const lane = kept.get(Lane.key(one)) ?? new Lane();
			lane.set(one, this.devices.get(one.device));
			this.lanes.set(Lane.key(one), lane);
		}
		this.#sorted = false;
		this.#tell("all");
	}

	#setLane(data) {
		const key = Lane.key(data);
		let lane = this.lanes.get(key);
		if (!lane) {
			this.lanes.set(key, (lane = new Lane()));
			this.#sorted = false;
		}
		lane.set(data, this.devices.get(data.device));
		this.#tell(this.#sorted ? "lane" : "order", key);
	}

	#dropLane(data) {
		this.lanes.delete(Lane.key(data));
		this.#sorted = false;
		this.#tell("order");
	}
}

/** With the time by this page's clock at which it was told. */
function dated(one) {
	one.at = performance.now();
	return one;
}
