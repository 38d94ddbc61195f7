// Guests: the tokens by which apps come from other machines. The operator invites, sees who came by which, and revokes.
// Must not keep a secret: an address is in its dialog until that is closed, and nowhere else.

import { addToken, revokeToken, tokens } from "./api.js";
import { operatorKey } from "./operator.js";
import { button, byId, isolated, make, namePlace, nextFrame, say, sayName, sentence } from "./dom.js";
import { ask, attempt, note } from "./notes.js";
import { clientName, duration, percent, plural } from "./words.js";

/** Others invite, too. */
const PACE = 10_000;

function rights({ rule }) {
	if (!rule) return ["as the rules say"];
	const words = { cap: percent, devices: (all) => all.map(isolated).join(", ") };
	return Object.entries(rule).map(([name, value]) => `${name} ${words[name]?.(value) ?? value}`);
}

function ending({ expires, state }) {
	if (expires === null) return "until revoked";
	const left = (Date.parse(expires) - Date.now()) / 1000;
	return state === "expired" || left <= 0 ? "is over" : "ends in " + duration(left);
}

class Guest {
	constructor(token, list) {
		this.name = token.name;
		this.list = list;
		const title = namePlace();
		sayName(title, token.name);
		this.badge = make("span", "badge");
		this.facts = make("p", "soft");
		this.apps = make("p");
		this.revoke = button("Revoke", () => this.#revoke(), "harsh", { "aria-label": "Revoke " + token.name });
		this.node = make("li", "app guest", make("div", "who", make("h3", "", title, this.badge), this.facts, this.apps), make("div", "row", this.revoke));
	}

	get users() {
		return [...this.list.model.sessions.values()].filter((one) => one.token === this.name);
	}

	show(token = this.token) {
		this.token = token;
		const { users } = this;
		const isConfigured = token.source === "configuration";
		const badge = token.state === "expired" ? "expired" : isConfigured ? "from the configuration" : "";
		say(this.badge, badge);
		this.badge.hidden = !badge;
		this.revoke.hidden = isConfigured;
		say(this.facts, [ending(token), `${users.length} of ${plural(token.sessions_max, "session")}`, ...rights(token), ...(token.note ? [isolated(token.note)] : [])].join(" · "));
		const parts = users.flatMap((one, number) => [number ? ", " : "Connected: ", { name: clientName(one) }]);
		this.apps.replaceChildren(...(parts.length ? sentence(parts) : ["Nobody is connected by it."]));
	}

	async #revoke() {
		const count = this.users.length;
		const apps = count > 1 ? `Its ${count} apps are disconnected and their outputs go to zero.` : count ? "Its app is disconnected and its outputs go to zero." : "No app uses it now.";
		const isMeant = await ask({ title: `Revoke ${this.name}?`, text: apps + " Its address lets nobody in any more.", no: "Keep it", yes: "Revoke" });
		if (!isMeant) return;
		if (await attempt(() => revokeToken(this.name), "It is not revoked.")) note([this.name, " is revoked."]);
		await this.list.load();
	}
}

export class Guests {
	#rows = new Map();

	constructor(model) {
		this.model = model;
		this.form = byId("invite");
		this.dialog = byId("address");
		this.form.addEventListener("focusin", () => this.#nameDevices());
		this.form.addEventListener("submit", (event) => {
			event.preventDefault();
			this.#invite();
		});
		this.dialog.addEventListener("close", () => this.#forget());
		byId("copy").addEventListener("click", () => this.#copy());
		model.watch(["all", "order", "session"], () => nextFrame(this.draw));
		addEventListener("hashchange", () => this.load());
		setInterval(() => this.load(), PACE);
		this.load();
	}

	async load() {
		// Without an answer the key may still count, and what was told last stays.
		if (operatorKey()) this.tokens = (await tokens().catch(() => null))?.tokens ?? this.tokens;
		this.draw();
	}

	draw = () => {
		const may = operatorKey() !== null;
		byId("guests-locked").hidden = may;
		this.form.hidden = !may;
		if (!may) this.tokens = null;
		const all = new Map((this.tokens ?? []).map((one) => [one.name, one]));
		byId("no-guests").hidden = !this.tokens || all.size > 0;
		for (const [name, row] of this.#rows) {
			if (all.has(name)) continue;
			if (row.node.contains(document.activeElement)) this.form.elements.name.focus();
			row.node.remove();
			this.#rows.delete(name);
		}
		for (const [name, token] of all) {
			if (!this.#rows.has(name)) this.#rows.set(name, new Guest(token, this));
			const row = this.#rows.get(name);
			row.show(token);
			if (!row.node.parentNode) byId("guest-list").append(row.node);
		}
	};

	#nameDevices() {
		const names = [...this.model.devices.values()].map((one) => one.display_name ?? one.name);
		byId("device-names").replaceChildren(...names.map((value) => make("option", "", { value })));
	}

	async #invite() {
		const { name, expires, cap, devices, sessions } = this.form.elements;
		const wish = { name: name.value, expires: expires.value, sessions: sessions.valueAsNumber };
		const patterns = devices.value.split(",").map((one) => one.trim()).filter(Boolean);
		if (cap.value < 100) wish.cap = cap.value / 100;
		if (!patterns.includes("*")) wish.devices = patterns;
		const made = await attempt(() => addToken(wish), "Nobody is invited.");
		if (!made) return;
		this.form.reset();
		this.#show(made);
		await this.load();
	}

	/** Shows the address of a new token, this once. */
	#show({ token, secret, addresses, codes, warning }) {
		say(byId("address-title"), `Invite ${token.name}`);
		say(byId("warning"), warning ?? "");
		byId("paste").value = addresses.join("\n") || "?token=" + secret;
		byId("paste").rows = addresses.length * 3 || 1;
		drawCode(byId("code"), codes[0] ?? []);
		this.dialog.show();
		this.dialog.scrollIntoView({ block: "nearest" });
	}

	async #copy() {
		byId("paste").select();
		await attempt(() => navigator.clipboard.writeText(byId("paste").value).then(() => note(["The address is copied."])), "Copy the marked address yourself.");
	}

	#forget() {
		byId("paste").value = "";
		drawCode(byId("code"), []);
	}
}

/** A QR code with its quiet zone: rows of "1" for dark and "0" for light. */
function drawCode(canvas, rows) {
	canvas.hidden = rows.length === 0;
	canvas.width = canvas.height = rows.length + 8;
	const pen = canvas.getContext("2d");
	pen.fillStyle = "#fff";
	pen.fillRect(0, 0, canvas.width, canvas.width);
	pen.fillStyle = "#000";
	rows.forEach((row, y) => [...row].forEach((module, x) => module === "1" && pen.fillRect(x + 4, y + 4, 1, 1)));
}
