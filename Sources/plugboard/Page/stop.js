// STOP: the button, Esc twice, the band that says it is latched, and the one question before it is cleared.
// Must not know the board.

import { clearStop, stopAll } from "./api.js";
import { byId, mark } from "./dom.js";
import { ask, attempt, dismiss, note } from "./notes.js";

/** Two Esc within this time are a stop. */
const TWICE = 900;

export class Stop {
	#escaped = -Infinity;
	#pressed = -Infinity;

	/** @param before runs at once, with every stop: the page's own wishes end, too. */
	constructor(model, before) {
		this.model = model;
		this.before = before;
		this.button = byId("stop");
		// A pointer stops when it goes down; a key when it clicks.
		this.button.addEventListener("pointerdown", (event) => event.button === 0 && this.press());
		this.button.addEventListener("click", () => this.press());
		addEventListener("keydown", (event) => this.#key(event), true);
		byId("clear").addEventListener("click", () => this.#clear());
		model.watch(["all", "status"], () => this.show());
	}

	async #clear() {
		const isMeant = await ask({ title: "Clear the stop?", text: "Apps can drive devices again. Nothing starts by itself.", no: "Stay stopped", yes: "Clear" });
		if (isMeant) attempt(clearStop, "The stop is not cleared.");
	}

	/** The click that ends a press is the same press. */
	press() {
		const now = performance.now();
		if (now - this.#pressed < 400) return;
		this.#pressed = now;
		this.now();
	}

	async now() {
		this.before();
		try {
			await stopAll();
		} catch (error) {
			note(["STOP did not reach the router. ", error.message], true);
		}
	}

	#key(event) {
		if (event.key !== "Escape" || event.repeat) return;
		const now = performance.now();
		if (now - this.#escaped < TWICE) {
			this.#escaped = -Infinity;
			this.now();
		} else {
			this.#escaped = now;
		}
	}

	show() {
		const stopped = this.model.status?.emergency_stop ?? false;
		if (this.stopped === stopped) return;
		this.stopped = stopped;
		document.documentElement.classList.toggle("stopped", stopped);
		byId("latched").hidden = !stopped;
		mark(this.button, "aria-pressed", stopped);
		this.button.firstElementChild.textContent = stopped ? "STOPPED" : "STOP";
		document.title = stopped ? "STOPPED · Plugboard" : "Plugboard";
		if (stopped) this.before();
		else dismiss();
	}
}
