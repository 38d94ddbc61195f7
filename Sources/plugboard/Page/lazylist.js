// A long list whose items are filled only while they are near what is seen, so that hundreds cost little.
// Must not know what the items are.

import { button, make, nextFrame, say } from "./dom.js";

/** So many items are there at once; a button brings as many more. */
const STEP = 40;
/** Filling takes at most so many milliseconds of a frame; the rest waits for the next. */
const BUDGET = 1.5;

export class LazyList {
	#shells = new Map();
	#dirty = new Set();
	#due = new Map();
	#keys = [];
	#limit = STEP;

	/** `fill(key, shell)` builds an item into its shell and returns its view: `show()`, and `close()` if it must know of its end. */
	constructor(root, tag, classes, fill) {
		this.root = root;
		this.tag = tag;
		this.classes = classes;
		this.fill = fill;
		this.views = new Map();
		this.more = button("", () => this.#more(), "more", { hidden: "" });
		root.after(this.more);
		this.eye = new IntersectionObserver((entries) => entries.forEach((entry) => this.#seen(entry)), { rootMargin: "120px 0px" });
	}

	/** Shows what the model has of a kind; `empty` is seen while that is nothing. */
	follow(model, kind, keys, empty) {
		model.watch(["all", "order"], () => {
			this.sync(keys());
			empty.hidden = this.#keys.length > 0;
		});
		model.watch([kind], (key) => this.changed(key));
	}

	/** The list has exactly these keys, in this order. */
	sync(all) {
		this.#keys = all;
		const keys = all.slice(0, this.#limit);
		this.more.hidden = keys.length === all.length;
		say(this.more, `Show ${Math.min(STEP, all.length - keys.length)} more of ${all.length}`);
		const wanted = new Set(keys);
		for (const [key, shell] of this.#shells) {
			if (wanted.has(key)) continue;
			this.#empty(key);
			this.#due.delete(key);
			this.eye.unobserve(shell);
			shell.remove();
			this.#shells.delete(key);
		}
		let next = this.root.firstElementChild;
		for (const key of keys) {
			let shell = this.#shells.get(key);
			if (!shell) {
				shell = make(this.tag, this.classes);
				shell.key = key;
				shell.tabIndex = 0;
				shell.addEventListener("focus", () => this.#enter(shell));
				this.#shells.set(key, shell);
				this.eye.observe(shell);
			}
			if (shell === next) next = next.nextElementSibling;
			else this.root.insertBefore(shell, next);
		}
		this.changedAll();
	}

	changed(key) {
		if (!this.views.has(key)) return;
		this.#dirty.add(key);
		nextFrame(this.flush);
	}

	changedAll() {
		for (const key of this.views.keys()) this.#dirty.add(key);
		nextFrame(this.flush);
	}

	/** Brings an item into view, filled, and gives it the keyboard. */
	reveal(key) {
		const place = this.#keys.indexOf(key);
		if (place < 0) return;
		if (place >= this.#limit) this.#show(Math.ceil((place + 1) / STEP) * STEP);
		const shell = this.#shells.get(key);
		this.#fill(key, shell);
		shell.scrollIntoView({ block: "center" });
		shell.querySelector("button, input, select")?.focus({ preventScroll: true });
	}

	#more() {
		const first = this.#keys[this.#limit];
		this.#show(this.#limit + STEP);
		this.reveal(first);
	}

	#show(limit) {
		this.#limit = limit;
		this.sync(this.#keys);
	}

	#seen({ target, isIntersecting, boundingClientRect }) {
		if (isIntersecting) {
			this.#due.set(target.key, target);
			nextFrame(this.fillSome);
			return;
		}
		this.#due.delete(target.key);
		if (this.views.has(target.key) && !target.contains(document.activeElement)) {
			target.style.minHeight = Math.round(boundingClientRect.height) + "px";
			this.#empty(target.key);
		}
	}

	fillSome = () => {
		const since = performance.now();
		for (const [key, shell] of this.#due) {
			if (performance.now() - since > BUDGET) return setTimeout(() => nextFrame(this.fillSome));
			this.#due.delete(key);
			this.#fill(key, shell);
		}
	};

	/** The keyboard comes to an item that is not filled yet. */
	#enter(shell) {
		this.#fill(shell.key, shell);
		shell.querySelector("button, input, select")?.focus();
	}

	#fill(key, shell) {
		if (this.views.has(key)) return;
		shell.removeAttribute("tabindex");
		const view = this.fill(key, shell);
		this.views.set(key, view);
		view.show();
		shell.style.minHeight = "";
	}

	#empty(key) {
		const view = this.views.get(key);
		if (!view) return;
		view.close?.();
		this.views.delete(key);
		const shell = this.#shells.get(key);
		shell.replaceChildren();
		shell.tabIndex = 0;
	}

	flush = () => {
		for (const key of this.#dirty) this.views.get(key)?.show();
		this.#dirty.clear();
	};
}
