// Who waits to be let in, and what each would get: one row per app, with the two answers.
// Must not know the board. It takes no focus by itself; who comes is read out.

import { answer } from "./api.js";
import { button, isolated, make, namePlace, nextFrame, say, sayName } from "./dom.js";
import { attempt, note } from "./notes.js";
import { origin, percent, plural } from "./words.js";

/** After rows have moved up, a press may still be meant for the one that was there before. */
const SETTLE = 700;

/** What it would get, in words. Patterns and names are plain text. */
function grant(one) {
	const parts = one.role === "observer" ? ["only looks"] : [`drives with priority ${one.priority}`];
	if (one.role !== "observer") {
		if (one.cap < 1) parts.push(`cap ${percent(one.cap)}`);
		if (one.gain < 1) parts.push(`gain ${percent(one.gain)}`);
		if (one.mute) parts.push("muted");
		if (one.rate_limit !== null) parts.push(`at most ${plural(one.rate_limit, "command")} a second`);
	}
	if (one.stop_scope !== "own") parts.push(one.stop_scope === "global" ? "its stop stops everybody" : "its stop is the emergency stop");
	parts.push(one.devices_allow ? "devices " + one.devices_allow.map(isolated).join(", ") : "all devices");
	if (one.devices_deny.length) parts.push("but not " + one.devices_deny.map(isolated).join(", "));
	return parts.join(" · ");
}

class Consent {
	constructor(one, list) {
		this.id = one.id;
		this.name = namePlace();
		this.from = make("p", "soft");
		this.gets = make("p");
		this.left = make("span", "soft");
		const of = isolated(one.client);
		this.yes = button("Let in", () => list.answer(this, "approve"), "strong", { "aria-label": `Let ${of} in` });
		this.no = button("Refuse", () => list.answer(this, "deny"), "", { "aria-label": `Refuse ${of}` });
		this.always = make("input", "", { type: "checkbox", "aria-label": `Always give this answer to ${of}` });
		const always = make("label", "check", this.always, "Always, for this name" + (one.token === null ? "" : " and token"));
		this.node = make("li", "", make("div", "who", make("h3", "", this.name, this.left), this.from, this.gets), make("div", "row", always, this.yes, this.no));
	}

	show(one) {
		this.one = one;
		sayName(this.name, one.client || "(no name)");
		const from = [`Buttplug v${one.version}`, origin(one), ...(one.origin ? [isolated(one.origin)] : []), one.listener];
		if (one.rule !== null) from.push("rule " + (one.rule + 1));
		say(this.from, from.join(" · "));
		say(this.gets, grant(one));
	}

	tick() {
		say(this.left, `${Math.max(0, Math.ceil(this.one.left - (performance.now() - this.one.at) / 1000))}\u00a0s left`);
	}
}

export class Consents {
	#rows = new Map();
	#movedAt = -Infinity;

	constructor(root, asked, model) {
		this.root = root;
		this.list = root.querySelector("ul");
		this.asked = asked;
		this.model = model;
		model.watch(["all", "consent"], () => nextFrame(this.draw));
		setInterval(() => this.#rows.forEach((row) => row.tick()), 1000);
	}

	draw = () => {
		const { consents } = this.model;
		let fresh = null;
		for (const [id, row] of this.#rows) {
			if (consents.has(id)) continue;
			const hadFocus = row.node.contains(document.activeElement);
			if (row.node.nextSibling) this.#movedAt = performance.now();
			row.node.remove();
			this.#rows.delete(id);
			// A reader that was here stays here, on no answer.
			if (hadFocus && consents.size) this.root.focus();
		}
		for (const one of consents.values()) {
			let row = this.#rows.get(one.id);
			if (!row) {
				this.#rows.set(one.id, (row = new Consent(one, this)));
				this.list.append(row.node);
				fresh = one;
			}
			row.show(one);
			row.tick();
		}
		this.root.hidden = consents.size === 0;
		if (fresh) say(this.asked, `${isolated(fresh.client || "(no name)")} wants to be let in. ${plural(consents.size, "app")} to answer.`);
		else if (!consents.size) say(this.asked, "");
	};

	async answer(row, choice) {
		if (performance.now() - this.#movedAt < SETTLE) return note(["The rows have just moved: look, then press again."]);
		const name = { name: row.one.client };
		row.yes.disabled = row.no.disabled = true;
		if (await attempt(() => answer(row.id, choice, row.always.checked), "It is not answered.")) note([name, choice === "approve" ? " is let in." : " is refused."]);
		row.yes.disabled = row.no.disabled = false;
	}
}
