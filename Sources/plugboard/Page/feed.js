// Listens to the router's events and comes back by itself when they stop, a little later each time.
// Must not know what the events mean.

import { EVENTS } from "./model.js";
import { askAgain, withToken } from "./operator.js";

const FIRST = 500;
const LONGEST = 5000;
/** The router says its status every second; silence for so long means that it is gone. */
const SILENCE = 6000;

export class Feed {
	/** "connecting", "live" or "gone". */
	state = "connecting";
	/** When it tries again, by the page's clock. */
	retryAt = 0;
	#source = null;
	#wait = FIRST;
	#timer = 0;
	#watchdog = 0;

	/** @param apply is given (event, data); @param changed is called when `state` changes. */
	constructor(apply, changed) {
		this.apply = apply;
		this.changed = changed;
		addEventListener("online", () => this.state === "gone" && this.open());
		addEventListener("pageshow", (event) => event.persisted && this.open());
	}

	open() {
		this.#drop();
		const source = (this.#source = new EventSource(withToken("/v1/events?levels=10")));
		for (const event of EVENTS) {
			source.addEventListener(event, (message) => {
				if (source !== this.#source) return;
				this.#alive();
				this.apply(event, JSON.parse(message.data));
				if (event === "snapshot") {
					this.#wait = FIRST;
					this.#become("live");
				}
			});
		}
		source.onerror = () => this.#lost();
		this.#alive();
	}

	#alive() {
		clearTimeout(this.#watchdog);
		this.#watchdog = setTimeout(() => this.#lost(), SILENCE);
	}

	#drop() {
		clearTimeout(this.#timer);
		clearTimeout(this.#watchdog);
		this.#source?.close();
		this.#source = null;
	}

	#lost() {
		this.#drop();
		const wait = this.#wait * (0.8 + 0.4 * Math.random());
		this.#wait = Math.min(this.#wait * 2, LONGEST);
		this.retryAt = performance.now() + wait;
		this.#timer = setTimeout(() => askAgain().then(() => this.open()), wait);
		this.#become("gone");
	}

	#become(state) {
		if (this.state === state) return;
		this.state = state;
		this.changed(state);
	}
}
