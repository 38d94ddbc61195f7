// The board's cells: how a crossing, a row's head, a column's head and a column's foot look.
// Must not know where on the board they are.

import { draw } from "./chart.js";
import { make, mark, namePlace, plain, say, sayName } from "./dom.js";
import { clientName, isPosition, origin, percent, seconds } from "./words.js";

let serial = 0;

function cell(role, classes, ...children) {
	return make("div", "cell " + classes, { role, id: "c" + serial++ }, ...children);
}

/** From the left end, or from the middle when `signed`. */
function setBar(bar, fill, level, signed) {
	const size = Math.min(Math.abs(level), 1) * (signed ? 50 : 100);
	const from = signed ? (level < 0 ? 50 - size : 50) : 0;
	const key = `${from.toFixed(1)} ${size.toFixed(1)}`;
	if (fill.shown !== key) {
		fill.shown = key;
		fill.style.left = from + "%";
		fill.style.width = size + "%";
	}
	bar.classList.toggle("signed", signed);
}

/** What an app wants of an output. */
export class Crossing {
	constructor() {
		this.plug = make("span", "plug");
		this.asked = make("i", "asked");
		this.fill = make("i");
		this.bar = make("span", "bar", this.asked, this.fill);
		this.value = make("b");
		this.note = make("small");
		this.node = cell("gridcell", "crossing", this.plug, this.value, this.bar, this.note);
	}

	show(session, lane, model) {
		const one = lane.by.get(session.id);
		const drives = lane.driver === session.id;
		const lease = lane.data.lease?.session === session.id ? lane.leaseLeft() : 0;
		let state = "hole";
		let note = "";
		if (drives || lease > 0) {
			state = drives ? "drives" : "waits";
			note = lease > 0 ? `lease ${seconds(lease)}` : "drives";
		} else if (one) {
			state = "waits";
			note = lane.data.lease && lane.leaseLeft() > 0 ? "waits for the lease" : "waits";
		} else if (session.role === "observer") {
			state = "none";
		} else if (session.mute) {
			state = "hole muted";
		}
		if (one && one.scaled !== one.value) note += `, asks ${percent(lane.share(one.type, one.value))}`;
		const level = one ? lane.share(one.type, one.scaled) : drives ? lane.level : 0;
		const moves = drives && !one;
		if (this.state !== state) {
			if (this.state) this.node.classList.remove(...this.state.split(" "));
			this.node.classList.add(...state.split(" "));
			this.state = state;
		}
		if (state === "drives" || state === "waits") {
			say(this.value, (moves || (one && isPosition(one.type)) ? "↕ " : "") + percent(level));
			setBar(this.bar, this.fill, level, lane.isSigned);
			setBar(this.bar, this.asked, one ? lane.share(one.type, one.value) : 0, lane.isSigned);
			say(this.note, note);
			this.node.classList.toggle("leased", lease > 0);
		}
		if (this.said !== state + note + this.value.said) {
			this.said = state + note + this.value.said;
			this.node.ariaLabel = state === "drives" || state === "waits" ? `${this.value.said}, ${note}` : session.role === "observer" ? "only looks" : "asks nothing";
		}
	}
}

export class RowHead {
	constructor() {
		this.name = namePlace();
		this.note = make("span", "soft");
		this.node = cell("rowheader", "rowhead", this.name, this.note);
	}

	show(session) {
		sayName(this.name, clientName(session));
		const rights = [];
		if (session.mute) rights.push("muted");
		else if (session.role === "observer") rights.push("only looks");
		else {
			if (session.priority !== 100) rights.push("priority " + session.priority);
			if (session.cap < 1) rights.push("cap " + percent(session.cap));
		}
		say(this.note, [...rights, session.version === null ? "no handshake yet" : "v" + session.version, session.token === null ? origin(session) : "token " + session.token].join(" · "));
		this.node.classList.toggle("muted", session.mute);
	}
}

export class ColumnHead {
	constructor() {
		this.type = make("b");
		this.note = make("small");
		this.node = cell("columnheader", "columnhead", this.type, this.note);
	}

	show(lane) {
		say(this.type, lane.title);
		say(this.note, lane.description || "\u00a0");
		mark(this.node, "aria-label", plain([{ name: lane.deviceName }, ", ", lane.title, ", ", { name: lane.description || "" }]));
	}
}

export class DeviceHead {
	constructor() {
		this.name = namePlace();
		this.note = make("small");
		this.inner = make("span", "inner", this.name, this.note);
		this.node = make("div", "devicehead", { "aria-hidden": "true" }, this.inner);
	}

	show(lane, device) {
		sayName(this.name, lane.deviceName);
		const battery = device?.features.flatMap((one) => one.inputs).find((one) => one.type === "Battery" && one.value);
		say(this.note, battery ? `battery ${battery.value[0]}\u00a0%` : device?.backend === "simulated" ? "simulated" : "");
	}
}

/** What the device was told, and by which app. */
export class Foot {
	constructor() {
		this.value = make("b");
		this.who = namePlace("soft");
		this.canvas = make("canvas", "", { "aria-hidden": "true" });
		this.node = cell("gridcell", "foot", this.value, this.who, this.canvas);
	}

	show(lane, model) {
		const { written, type } = lane.data;
		const moves = isPosition(written?.type ?? type);
		say(this.value, written ? (moves ? "↕ " : "") + percent(lane.level) : "–");
		const held = lane.heldLeft();
		if (model.status?.emergency_stop) sayName(this.who, "stopped");
		else if (held > 0) sayName(this.who, `held off ${seconds(held)}`);
		else sayName(this.who, lane.driver ? "by " + clientName(model.sessions.get(lane.driver)) : "rests");
		this.node.classList.toggle("runs", lane.level !== 0 || lane.driver !== null);
		this.node.classList.toggle("stopped", model.status?.emergency_stop ?? false);
	}

	chart(lane, width) {
		draw(this.canvas, lane, width, 30, 0.5);
	}
}
