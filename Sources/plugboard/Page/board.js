// The board: a row for each app, a column for each output, a foot with what each device was told. Only what is seen is in the document.
// Must not know how a cell looks.

import { ColumnHead, Crossing, DeviceHead, Foot, RowHead } from "./cells.js";
import { make, mark, nextFrame, sentence } from "./dom.js";
import { why } from "./words.js";

/** How long something counts as active after it last did anything. */
const ACTIVE = 10_000;

/** Line elements used again and again: line `n` is in slot n modulo their number. */
class Slots {
	list = [];
	constructor(make) {
		this.make = make;
	}

	/** The slots of lines from…to; `put(slot, line)` is called for each. */
	each(parent, from, to, put) {
		const count = Math.max(to - from, 0);
		while (this.list.length < count) this.list.push({ line: -1, ...this.make() });
		const size = this.list.length;
		const used = new Set();
		for (let line = from; line < to; line++) {
			const slot = this.list[line % size];
			used.add(slot);
			if (slot.line !== line) slot.line = line;
			if (slot.node.parentNode !== parent) parent.append(slot.node);
			put(slot, line);
		}
		for (const slot of this.list) {
			if (!used.has(slot) && slot.node.parentNode) {
				slot.node.remove();
				slot.line = -1;
			}
		}
	}
}

const view = (cell) => ({ cell, node: cell.node });

export class Board {
	rows = [];
	lanes = [];
	onlyActive = false;
	isSeen = true;
	/** Where the keyboard is: row 0 has the heads, then come the apps, then the foot; column 0 has the names. */
	#at = { row: 1, column: 1 };
	#shape = true;
	#plan = 0;
	#size = {};

	constructor(root, explain, model, open) {
		this.root = root;
		this.explain = explain;
		this.model = model;
		this.open = open;
		this.#build();
		root.addEventListener("scroll", () => nextFrame(this.draw), { passive: true });
		root.addEventListener("keydown", (event) => this.#key(event));
		root.addEventListener("click", (event) => this.#click(event));
		new ResizeObserver(() => this.reshape()).observe(root);
		new IntersectionObserver((entries) => {
			this.isSeen = entries.at(-1).isIntersecting;
			nextFrame(this.draw);
		}).observe(root.parentNode);
		model.watch(["all", "order", "device"], () => this.reshape());
		model.watch(["lane", "levels", "session", "status"], () => nextFrame(this.draw));
	}

	#build() {
		const corner = () => make("div", "cell corner", { role: "columnheader" }, "App");
		this.devices = make("div", "devices", { role: "presentation" });
		this.heads = make("div", "line", { role: "row", "aria-rowindex": 1 }, corner());
		this.head = make("div", "head", { role: "rowgroup" }, this.devices, this.heads);
		this.body = make("div", "body", { role: "rowgroup" });
		this.feet = make("div", "line", { role: "row" }, make("div", "cell rowhead", { role: "rowheader" }, make("b", "", "The device gets")));
		this.foot = make("div", "feet", { role: "rowgroup" }, this.feet);
		this.sheet = make("div", "sheet", { role: "presentation" }, this.head, this.body, this.foot);
		this.root.append(this.sheet);
		this.deviceSlots = new Slots(() => view(new DeviceHead()));
		this.headSlots = new Slots(() => view(new ColumnHead()));
		this.footSlots = new Slots(() => view(new Foot()));
		this.rowSlots = new Slots(() => {
			const head = new RowHead();
			return { head, node: make("div", "line", { role: "row" }, head.node), cells: new Slots(() => view(new Crossing())) };
		});
	}

	/** Rows and columns are counted again in the next frame. */
	reshape() {
		this.#shape = true;
		nextFrame(this.draw);
	}

	#layOut() {
		this.#shape = false;
		this.#plan++;
		const now = performance.now();
		const lanes = this.model.inOrder();
		let sessions = [...this.model.sessions.values()];
		this.lanes = lanes;
		if (this.onlyActive) {
			this.lanes = lanes.filter((lane) => now - lane.active < ACTIVE);
			const asking = new Set(this.lanes.flatMap((lane) => [...lane.by.keys(), lane.driver]));
			sessions = sessions.filter((session) => asking.has(session.id));
		}
		this.rows = sessions;
		// A device's columns stand together.
		this.groups = [];
		this.lanes.forEach((lane, column) => {
			const last = this.groups.at(-1);
			if (last && last.device === lane.data.device) last.to = column + 1;
			else this.groups.push({ device: lane.data.device, from: column, to: column + 1 });
		});
		this.starts = new Set(this.groups.map((group) => group.from));
		const style = getComputedStyle(this.root);
		const pixels = (name) => parseFloat(style.getPropertyValue(name));
		const side = pixels("--side");
		const width = this.root.clientWidth;
		const column = Math.min(Math.max(pixels("--column"), (width - side) / Math.max(this.lanes.length, 1)), pixels("--widest"));
		this.#size = { side, pad: pixels("--pad"), row: pixels("--row"), column, head: this.head.offsetHeight, foot: this.foot.offsetHeight };
		this.sheet.style.width = side + column * this.lanes.length + "px";
		this.body.style.height = this.rows.length * this.#size.row + "px";
		this.root.style.setProperty("--wide", column + "px");
		mark(this.root, "aria-rowcount", this.rows.length + 2);
		mark(this.root, "aria-colcount", this.lanes.length + 1);
		mark(this.feet, "aria-rowindex", this.rows.length + 2);
		this.root.parentNode.classList.toggle("empty", this.lanes.length === 0);
	}

	draw = () => {
		if (this.#shape) this.#layOut();
		if (!this.isSeen) return;
		const { side, row, column, head, foot } = this.#size;
		const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.root;
		this.from = Math.max(Math.floor(scrollLeft / column), 0);
		this.to = Math.min(Math.ceil((scrollLeft + clientWidth - side) / column), this.lanes.length);
		const top = Math.max(Math.floor(scrollTop / row), 0);
		const end = Math.min(Math.ceil((scrollTop + clientHeight - head - foot) / row) + 1, this.rows.length);
		const put = (slot, index) => {
			if (slot.placed === index && slot.plan === this.#plan) return;
			slot.placed = index;
			slot.plan = this.#plan;
			slot.node.style.left = side + index * column + "px";
			slot.node.ariaColIndex = index + 2;
			slot.node.classList.toggle("first", this.starts.has(index) && index > 0);
		};
		this.headSlots.each(this.heads, this.from, this.to, (slot, index) => {
			put(slot, index);
			slot.cell.show(this.lanes[index]);
		});
		this.footSlots.each(this.feet, this.from, this.to, (slot, index) => {
			put(slot, index);
			slot.cell.show(this.lanes[index], this.model);
		});
		const groups = this.groups.filter((group) => group.to > this.from && group.from < this.to);
		const first = this.groups.indexOf(groups[0]);
		this.deviceSlots.each(this.devices, Math.max(first, 0), first < 0 ? 0 : first + groups.length, (slot, index) => {
			const group = this.groups[index];
			slot.node.style.left = side + group.from * column + "px";
			slot.node.classList.toggle("first", index > 0);
			slot.node.style.width = (group.to - group.from) * column + "px";
			slot.cell.show(this.lanes[group.from], this.model.devices.get(group.device));
		});
		this.rowSlots.each(this.body, top, end, (slot, index) => {
			const session = this.rows[index] && (this.model.sessions.get(this.rows[index].id) ?? this.rows[index]);
			if (slot.placed !== index || slot.high !== row) {
				slot.placed = index;
				slot.high = row;
				slot.node.style.top = index * row + "px";
				slot.node.ariaRowIndex = index + 2;
			}
			slot.head.show(session);
			slot.cells.each(slot.node, this.from, this.to, (one, lane) => {
				put(one, lane);
				one.cell.show(session, this.lanes[lane], this.model);
			});
		});
		this.#showActive();
	};

	charts = () => {
		if (this.#shape || !this.isSeen || this.lanes.length === 0) return;
		for (const slot of this.footSlots.list) if (slot.line >= 0 && this.lanes[slot.line]) slot.cell.chart(this.lanes[slot.line], this.#size.column - 2 * this.#size.pad);
	};

	// The keyboard's cell

	#nodeAt({ row, column }) {
		const line = this.root.querySelector(`[aria-rowindex="${row + 1}"]`);
		return line?.querySelector(column ? `[aria-colindex="${column + 1}"]` : ".rowhead");
	}

	#showActive() {
		if (this.lanes.length === 0) return;
		this.#at.row = Math.min(this.#at.row, this.rows.length + 1);
		this.#at.column = Math.min(this.#at.column, this.lanes.length);
		const node = this.#nodeAt(this.#at);
		if (this.activeNode !== node) {
			this.activeNode?.classList.remove("active");
			node?.classList.add("active");
			this.activeNode = node;
			mark(this.root, "aria-activedescendant", node?.id ?? null);
		}
		// Slowly enough to be read, but another output or a stop is told at once. What is left out now comes at the next tick.
		const lane = this.lanes[this.#at.column - 1];
		const stopped = this.model.status?.emergency_stop;
		const now = performance.now();
		if (lane === this.toldLane && stopped === this.toldStop && now - this.toldAt < 250) return;
		this.toldLane = lane;
		this.toldStop = stopped;
		this.toldAt = now;
		const parts = lane ? why(lane, this.model) : [];
		const text = parts.map((part) => part.name ?? part).join("");
		if (this.told !== text) {
			this.told = text;
			this.explain.replaceChildren(...sentence(parts));
		}
	}

	#go(row, column) {
		this.#at = { row: Math.max(0, Math.min(row, this.rows.length + 1)), column: Math.max(0, Math.min(column, this.lanes.length)) };
		if (this.#at.column === 0 && this.#at.row === 0) this.#at.column = 1;
		const { side, row: high, column: wide, head, foot } = this.#size;
		const left = (this.#at.column - 1) * wide;
		if (this.#at.column > 0) {
			if (left < this.root.scrollLeft) this.root.scrollLeft = left;
			else if (left + wide + side > this.root.scrollLeft + this.root.clientWidth) this.root.scrollLeft = left + wide + side - this.root.clientWidth;
		}
		if (this.#at.row > 0 && this.#at.row <= this.rows.length) {
			const top = (this.#at.row - 1) * high;
			const room = this.root.clientHeight - head - foot;
			if (top < this.root.scrollTop) this.root.scrollTop = top;
			else if (top + high > this.root.scrollTop + room) this.root.scrollTop = top + high - room;
		}
		nextFrame(this.draw);
	}

	#key(event) {
		const { row, column } = this.#at;
		const page = Math.max(1, Math.floor(this.root.clientHeight / this.#size.row) - 3);
		const moves = {
			ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
			PageUp: [row - page, column], PageDown: [row + page, column],
			Home: [event.ctrlKey ? 1 : row, event.ctrlKey ? 1 : 0], End: [event.ctrlKey ? this.rows.length : row, this.lanes.length],
		};
		if (moves[event.key]) this.#go(...moves[event.key]);
		else if (event.key === "Enter") this.#openAt();
		else return;
		event.preventDefault();
	}

	#openAt() {
		const session = this.rows[this.#at.row - 1];
		const lane = this.lanes[this.#at.column - 1];
		if (session) this.open("app", session.id);
		else if (lane) this.open("device", lane.data.device);
	}

	#click(event) {
		const node = event.target.closest(".cell");
		if (!node) return;
		this.#at = { row: node.parentNode.ariaRowIndex - 1, column: (node.ariaColIndex ?? 1) - 1 };
		nextFrame(this.draw);
	}
}
