// The apps: who is connected, from where, with what rights, and the operator's hold on them: mute, kick, priority, cap, role.
// Must not know the board.

import { kick, mute, patch } from "./api.js";
import { button, byId, isolated, make, mark, namePlace, say, sayName } from "./dom.js";
import { LazyList } from "./lazylist.js";
import { attempt, note } from "./notes.js";
import { clientName, duration, origin, percent } from "./words.js";

class App {
	constructor(id, shell, model) {
		this.id = id;
		this.model = model;
		this.shell = shell;
		this.name = namePlace();
		this.badge = make("span", "badge");
		this.note = make("p", "soft");
		this.role = make("select", "", make("option", "", { value: "controller" }, "may drive"), make("option", "", { value: "observer" }, "only looks"));
		this.priority = make("input", "", { type: "number", step: 1, inputmode: "numeric" });
		this.cap = make("input", "", { type: "range", min: 0, max: 100, step: 5 });
		this.capValue = make("output");
		this.mute = button("Mute", () => this.#do(() => mute(this.id, !this.session.mute)), "", { title: "It stays connected and drives nothing." });
		this.kick = button("Kick", () => this.#kick(), "harsh", { title: "Ends its connection. It can connect again." });
		const field = (text, ...nodes) => make("label", "field", make("span", "", text), ...nodes);
		shell.append(
			make("div", "who", make("h3", "", this.name, this.badge), this.note),
			make("div", "rights", field("Role", this.role), field("Priority", this.priority), field("At most", this.cap, this.capValue)),
			make("div", "row", this.mute, this.kick),
		);
		this.role.addEventListener("change", () => this.#patch({ role: this.role.value }));
		this.priority.addEventListener("change", () => this.priority.value !== "" && this.#patch({ priority: Math.round(this.priority.valueAsNumber) }));
		this.cap.addEventListener("input", () => say(this.capValue, percent(this.cap.value / 100)));
		this.cap.addEventListener("change", () => this.#patch({ cap: this.cap.value / 100 }));
	}

	get session() {
		return this.model.sessions.get(this.id);
	}

	async #do(task) {
		const answer = await attempt(task, "It is not changed.");
		// An answer can come after the event that the app has left.
		if (this.session && answer?.id === this.id) this.model.apply("session", answer);
		this.show(true);
	}

	#patch(changes) {
		return this.#do(() => patch(this.id, changes));
	}

	async #kick() {
		const name = clientName(this.session);
		if (await attempt(() => kick(this.id), "It is still connected.")) note([{ name }, " is disconnected."]);
	}

	/** What somebody is just changing stays, unless `all`. */
	show(all = false) {
		const session = this.session;
		if (!session) return;
		const name = clientName(session);
		sayName(this.name, name);
		const badge = session.mute ? "muted" : session.role === "observer" ? "only looks" : "";
		say(this.badge, badge);
		this.badge.hidden = !badge;
		const version = session.version === null ? "no handshake yet" : "Buttplug v" + session.version;
		const more = [version, origin(session), ...(session.origin ? [isolated(session.origin)] : [])];
		more.push("connected for " + duration(session.connected + (performance.now() - session.at) / 1000));
		if (session.rule !== null) more.push("rule " + (session.rule + 1));
		if (session.patched) more.push("changed here");
		say(this.note, more.join(" · "));
		const idle = (node) => all || node !== document.activeElement;
		if (idle(this.role)) this.role.value = session.role;
		if (idle(this.priority)) this.priority.value = session.priority;
		if (idle(this.cap)) {
			this.cap.value = Math.round(session.cap * 100);
			say(this.capValue, percent(session.cap));
		}
		mark(this.mute, "aria-pressed", session.mute);
		say(this.mute, session.mute ? "Unmute" : "Mute");
		if (this.labelled !== name) {
			this.labelled = name;
			const of = isolated(name);
			const labels = { role: "Role of " + of, priority: "Priority of " + of, cap: `At most, for ${of}, in percent`, mute: "Mute " + of, kick: "Kick " + of };
			for (const [part, label] of Object.entries(labels)) mark(this[part], "aria-label", label);
		}
		this.shell.classList.toggle("muted", session.mute);
	}
}

export class Apps {
	constructor(root, model) {
		this.list = new LazyList(root, "li", "app", (id, shell) => new App(id, shell, model));
		this.list.follow(model, "session", () => [...model.sessions.keys()], byId("no-apps"));
		// How long each has been here.
		setInterval(() => this.list.changedAll(), 10_000);
	}
}
