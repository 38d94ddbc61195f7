// The page's head: what there is, whether the router is there, and the button that looks for devices.
// Must not know the board.

import { scan } from "./api.js";
import { byId, make, mark, namePlace, nextFrame, say, sayName } from "./dom.js";
import { attempt } from "./notes.js";
import { number, plural } from "./words.js";

export class Header {
	constructor(model, feed) {
		this.model = model;
		this.feed = feed;
		for (const name of ["live", "counts", "scan", "gone", "gone-text", "retry", "upstreams", "version"]) this[name] = byId(name);
		this.scan.addEventListener("click", () => attempt(() => scan(!model.status?.scanning), "The scan is not changed."));
		this.retry.addEventListener("click", () => feed.open());
		model.watch(["all", "status", "order", "upstream", "device"], () => nextFrame(this.draw));
		setInterval(this.draw, 1000);
	}

	draw = () => {
		const { status, sessions, devices, upstreams } = this.model;
		const gone = this.feed.state === "gone";
		document.documentElement.classList.toggle("is-gone", gone);
		this.gone.hidden = !gone;
		const wait = (this.feed.retryAt - performance.now()) / 1000;
		say(this["gone-text"], wait > 0 ? `Trying again in ${Math.ceil(wait)}\u00a0s.` : "Trying again…");
		say(this.live, gone ? "no router" : this.feed.state === "live" ? (status?.ending ? "ending" : "live") : "connecting");
		this.live.dataset.state = this.feed.state;
		if (!status) return;
		say(this.counts, `${plural(sessions.size, "app")} · ${plural(devices.size, "device")} · ${number(Math.round(status.messages_per_second))} messages/s`);
		mark(this.scan, "aria-pressed", status.scanning);
		say(this.scan, status.scanning ? "Stop scanning" : "Scan");
		say(this.version, `Plugboard ${status.version}`);
		const text = JSON.stringify([...upstreams.values()]);
		if (this.shown === text) return;
		this.shown = text;
		this.upstreams.replaceChildren(...[...upstreams.values()].map((one) => {
			const url = namePlace();
			sayName(url, one.url);
			return make("li", one.state === "connected" ? "good" : "", url, ` ${one.state}, ${plural(one.devices, "device")}`);
		}));
	};
}
