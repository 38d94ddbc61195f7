// What the router said last: events are applied to a snapshot, and who watches is told what changed.
// Must not know the document or the network.

import { Lane } from "./lane.js";

const HANDLERS = {
  snapshot: "setAll",
  status: "setStatus",
  session: "setSession",
  session_closed: "dropSession",
  consent: "setConsent",
  consent_closed: "dropConsent",
  device: "setDevice",
  device_gone: "dropDevice",
  lane: "setLane",
  lane_gone: "dropLane",
  upstream: "setUpstream",
  levels: "setLevels",
};

export const EVENTS = Object.keys(HANDLERS);

export class Model {
  status = null;
  sessions = new Map();
  /** Those that wait to be let in, the longest first. */
  consents = new Map();
  devices = new Map();
  lanes = new Map();
  upstreams = new Map();
  /** The lanes in order: by device, then feature. */
  order = [];
  #watchers = [];
  #sorted = true;

  /** `task(kind, key)` is called after every change; kind: "all", "status", "session", "device", "lane", "order", "upstream", "consent". */
  watch(task) {
    this.#watchers.push(task);
  }

  #tell(kind, key) {
    for (const task of this.#watchers) task(kind, key);
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
    this[HANDLERS[event]]?.(data);
  }

  setAll(data) {
    const kept = this.lanes;
    this.status = data.status;
    this.sessions = new Map(data.sessions.map((one) => [one.id, this.#dated(one)]));
    this.consents = new Map(data.consents.map((one) => [one.id, this.#timed(one)]));
    this.devices = new Map(data.devices.map((one) => [one.index, one]));
    this.upstreams = new Map(data.upstreams.map((one) => [one.url, one]));
    this.lanes = new Map();
    for (const one of data.lanes) {
      const lane = kept.get(Lane.key(one)) ?? new Lane();
      lane.set(one, this.devices.get(one.device));
      this.lanes.set(Lane.key(one), lane);
    }
    this.#sorted = false;
    this.#tell("all");
  }

  setLane(data) {
    const key = Lane.key(data);
    let lane = this.lanes.get(key);
    if (!lane) {
      this.lanes.set(key, (lane = new Lane()));
      this.#sorted = false;
    }
    lane.set(data, this.devices.get(data.device));
    this.#tell(this.#sorted ? "lane" : "order", key);
  }

  dropLane(data) {
    this.lanes.delete(Lane.key(data));
    this.#sorted = false;
    this.#tell("order");
  }

  setSession(data) {
    const fresh = !this.sessions.has(data.id);
    this.sessions.set(data.id, this.#dated(data));
    this.#tell(fresh ? "order" : "session", data.id);
  }

  dropSession(data) {
    this.sessions.delete(data.id);
    this.#tell("order");
  }

  setConsent(data) {
    this.consents.set(data.id, this.#timed(data));
    this.#tell("consent", data.id);
  }

  dropConsent(data) {
    this.consents.delete(data.id);
    this.#tell("consent", data.id);
  }

  setDevice(data) {
    const fresh = !this.devices.has(data.index);
    this.devices.set(data.index, data);
    this.#sorted = false;
    this.#tell(fresh ? "order" : "device", data.index);
  }

  dropDevice(data) {
    this.devices.delete(data.index);
    this.#sorted = false;
    this.#tell("order");
  }

  setUpstream(data) {
    this.upstreams.set(data.url, data);
    this.#tell("upstream", data.url);
  }

  setLevels(data) {
    for (const [device, feature, type, value, winner] of data.lanes) this.lanes.get(`${device}.${feature}`)?.told(type, value, winner);
    this.#tell("levels");
  }

  setStatus(data) {
    this.status = data;
    this.#tell("status");
  }

  /** When the wait of one that wants in ends, by this page's clock. */
  #timed(consent) {
    consent.endsAt = performance.now() + consent.left * 1000;
    return consent;
  }

  /** When a session came, by this page's clock. */
  #dated(session) {
    session.since = performance.now() - session.connected * 1000;
    return session;
  }
}
