// The devices: sensors, write latency, failures, the last minute of each output, and sliders while "Try it" is on.
// Must not know the board.

import { stopDevice } from "./api.js";
import { draw } from "./chart.js";
import { button, byId, isolated, make, mark, namePlace, say, sayName } from "./dom.js";
import { LazyList } from "./lazylist.js";
import { attempt } from "./notes.js";
import { clientName, isPosition, number, percent, reading, typeName } from "./words.js";

/** An output of the card: its value, its minute, and its slider. */
class Output {
	constructor(lane, panel) {
		this.lane = lane;
		this.panel = panel;
		this.title = make("span", "type");
		this.value = make("b");
		this.who = namePlace("soft");
		this.canvas = make("canvas", "", { role: "img" });
		this.isTried = null;
		this.slider = make("input", "", { type: "range", step: 1 });
		this.wanted = make("output");
		this.try = make("label", "try", make("span", "", "Try"), this.slider, this.wanted);
		this.node = make("div", "output", make("p", "", this.title, this.who, this.value), this.canvas, this.try);
		this.slider.addEventListener("input", () => {
			this.#said();
			panel.drive(this.lane, this.type, this.slider.valueAsNumber);
		});
	}

	/** The type that a slider can drive: positions without a time, when there are. */
	get type() {
		const types = this.lane.outputs.map((one) => one.type);
		return types.find((one) => one !== "HwPositionWithDuration") ?? types[0];
	}

	#said() {
		const output = this.lane.outputs.find((one) => one.type === this.type);
		say(this.wanted, percent(this.slider.valueAsNumber / (output?.max || 1)));
	}

	show(model) {
		const { lane, slider } = this;
		say(this.title, lane.title + (lane.description && lane.description !== lane.title ? " · " + lane.description : ""));
		const may = this.panel.mayDrive(lane, this.type);
		if (this.isTried !== may) {
			this.isTried = may;
			this.try.hidden = !may;
			const range = lane.outputs.find((one) => one.type === this.type);
			slider.min = range?.min ?? 0;
			slider.max = range?.max ?? 100;
			slider.classList.toggle("both", slider.min < 0);
		}
		slider.value = this.panel.wanted.get(lane.key) ?? (isPosition(this.type ?? "") ? slider.max / 2 : 0);
		this.#said();
		mark(slider, "aria-label", `Try ${isolated(lane.deviceName)}, ${lane.title}`);
		mark(this.canvas, "aria-label", `The last minute of ${lane.title}`);
		this.move(model);
	}

	move(model) {
		say(this.value, percent(this.lane.level));
		sayName(this.who, this.lane.driver ? clientName(model.sessions.get(this.lane.driver)) : "rests");
	}

	draw(width) {
		draw(this.canvas, this.lane, width, 44);
	}
}

class Device {
	outputs = new Map();
	facts = new Map();

	constructor(index, shell, model, panel) {
		this.index = index;
		this.model = model;
		this.panel = panel;
		this.name = namePlace();
		this.backend = namePlace("soft");
		this.places = make("div", "outputs");
		this.list = make("dl");
		this.stop = button("Stop it", async () => {
			await attempt(() => stopDevice(this.index), "It is not stopped.");
			this.panel.forget((key) => this.outputs.has(key));
		});
		shell.append(make("h3", "", this.name, this.backend), this.places, this.list, make("div", "row", this.stop));
	}

	show() {
		const device = this.model.devices.get(this.index);
		if (!device) return;
		const name = device.display_name ?? device.name;
		sayName(this.name, name);
		sayName(this.backend, device.backend);
		mark(this.stop, "aria-label", `Stop ${isolated(name)}`);
		const seen = new Set();
		for (const feature of device.features) {
			const lane = this.model.lanes.get(`${device.index}.${feature.index}`);
			if (!lane) continue;
			seen.add(lane.key);
			if (this.outputs.get(lane.key)?.lane !== lane) {
				this.outputs.get(lane.key)?.node.remove();
				const output = new Output(lane, this.panel);
				this.outputs.set(lane.key, output);
				this.places.append(output.node);
			}
			this.outputs.get(lane.key).show(this.model);
		}
		for (const [key, output] of this.outputs) {
			if (seen.has(key)) continue;
			output.node.remove();
			this.outputs.delete(key);
		}
		for (const feature of device.features) {
			for (const input of feature.inputs) this.#fact(`${feature.index} ${input.type}`, typeName(input.type), reading(input));
		}
		// A device that only measures takes no commands.
		this.stop.hidden = !this.outputs.size;
		if (!this.outputs.size) return;
		const times = device.latency_ms;
		this.#fact("latency", "Answers in", times ? `usually ${times.p50} ms, slowest ${times.p99} ms` : "not written to lately");
		this.#fact("writes", "Commands written", number(device.writes));
		this.#fact("failures", "Failed", number(device.failures), device.failures > 0);
	}

	#fact(key, title, value, isBad = false) {
		let fact = this.facts.get(key);
		if (!fact) {
			fact = make("dd");
			this.facts.set(key, fact);
			this.list.append(make("div", "", make("dt", "", title), fact));
		}
		say(fact, value);
		fact.classList.toggle("bad", isBad);
	}

	tick(width) {
		for (const output of this.outputs.values()) {
			output.move(this.model);
			output.draw(width);
		}
	}
}

export class Devices {
	constructor(root, model, panel) {
		this.model = model;
		this.list = new LazyList(root, "article", "card", (index, shell) => new Device(index, shell, model, panel));
		// All cards are equally wide; that is asked once, not in every frame.
		let width = 0;
		let room = 0;
		new ResizeObserver(([entry]) => {
			if (entry.contentRect.width !== room) width = 0;
			room = entry.contentRect.width;
		}).observe(root);
		this.tick = () => {
			width ||= root.querySelector("canvas")?.clientWidth ?? 0;
			if (width) this.list.views.forEach((view) => view.tick(width));
		};
		this.list.follow(model, "device", () => [...model.devices.keys()].sort((a, b) => a - b), byId("no-devices"));
	}

	/** Sliders come, go, or go back to zero. */
	sliders() {
		this.list.views.forEach((view) => view.show());
	}
}
