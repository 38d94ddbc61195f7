// The apps: who is connected, from where, with what rights, and the operator's hold on them: mute, kick, priority, cap, role.
// Must not know the board.

import { kick, mute, patch } from "./api.js";
import { isolated, make, mark, namePlace, say, sayName } from "./dom.js";
import { LazyList } from "./lazylist.js";
import { attempt, note } from "./notes.js";
import { clientName, duration, percent, place } from "./words.js";

class App {
  constructor(id, shell, model) {
    this.id = id;
    this.model = model;
    this.shell = shell;
    this.name = namePlace();
    this.badge = make("span", "badge");
    this.note = make("p", "soft");
    this.role = make("select", "", {}, make("option", "", { value: "controller" }, "may drive"), make("option", "", { value: "observer" }, "only looks"));
    this.priority = make("input", "", { type: "number", step: 1, inputmode: "numeric" });
    this.cap = make("input", "", { type: "range", min: 0, max: 100, step: 5 });
    this.capValue = make("output");
    this.mute = make("button", "", { type: "button", "aria-pressed": "false", title: "It stays connected and drives nothing." }, "Mute");
    this.kick = make("button", "harsh", { type: "button", title: "Ends its connection. It can connect again." }, "Kick");
    const field = (text, ...nodes) => make("label", "field", {}, make("span", "", {}, text), ...nodes);
    shell.append(
      make("div", "who", {}, make("h3", "", {}, this.name, this.badge), this.note),
      make("div", "rights", {}, field("Role", this.role), field("Priority", this.priority), field("At most", this.cap, this.capValue)),
      make("div", "row", {}, this.mute, this.kick),
    );
    this.role.addEventListener("change", () => this.#patch({ role: this.role.value }));
    this.priority.addEventListener("change", () => this.priority.value !== "" && this.#patch({ priority: Math.round(this.priority.valueAsNumber) }));
    this.cap.addEventListener("input", () => say(this.capValue, percent(this.cap.value / 100)));
    this.cap.addEventListener("change", () => this.#patch({ cap: this.cap.value / 100 }));
    this.mute.addEventListener("click", () => this.#do(() => mute(this.id, !this.session.mute), "It is not changed."));
    this.kick.addEventListener("click", () => this.#kick());
  }

  get session() {
    return this.model.sessions.get(this.id);
  }

  async #do(task, what) {
    const answer = await attempt(task, what);
    // An answer can come after the event that the app has left.
    if (this.session && answer?.id === this.id) this.model.setSession(answer);
    this.show(true);
  }

  #patch(changes) {
    return this.#do(() => patch(this.id, changes), "It is not changed.");
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
    const more = [version, place(session.address), ...(session.origin ? [isolated(session.origin)] : [])];
    more.push("connected for " + duration((performance.now() - session.since) / 1000));
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
      mark(this.role, "aria-label", `Role of ${of}`);
      mark(this.priority, "aria-label", `Priority of ${of}`);
      mark(this.cap, "aria-label", `At most, for ${of}, in percent`);
      mark(this.mute, "aria-label", `Mute ${of}`);
      mark(this.kick, "aria-label", `Kick ${of}`);
    }
    this.shell.classList.toggle("muted", session.mute);
  }
}

export class Apps {
  constructor(root, model) {
    this.list = new LazyList(root, "li", "app", (id, shell) => new App(id, shell, model));
    const empty = document.getElementById("no-apps");
    model.watch((kind, key) => {
      if (kind === "all" || kind === "order") {
        this.list.sync([...model.sessions.keys()]);
        empty.hidden = model.sessions.size > 0;
      } else if (kind === "session") this.list.changed(key);
    });
    // How long each has been here.
    setInterval(() => this.list.changedAll(), 10_000);
  }
}
