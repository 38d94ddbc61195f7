// Makes and changes elements, and waits with that for the next frame. Text goes in as text only: a name can never become markup.
// Must not know what is shown.

/** An element with classes, attributes (or none) and children: elements or texts. */
export function make(tag, classes = "", ...children) {
	const node = document.createElement(tag);
	if (classes) node.className = classes;
	if (children[0]?.constructor === Object) for (const [name, value] of Object.entries(children.shift())) node.setAttribute(name, value);
	node.append(...children);
	return node;
}

export const byId = (id) => document.getElementById(id);

export function button(text, action, classes = "", attributes = {}) {
	const node = make("button", classes, { type: "button", ...attributes }, text);
	node.addEventListener("click", action);
	return node;
}

/** Sets the text when it is another one. */
export function say(node, text) {
	if (node.said === text) return;
	node.said = text;
	node.textContent = text;
}

/** The same for an attribute; null takes it away. */
export function mark(node, name, value) {
	if (value === null) {
		if (node.hasAttribute(name)) node.removeAttribute(name);
	} else if (node.getAttribute(name) !== String(value)) {
		node.setAttribute(name, value);
	}
}

/** Longer names are cut: nobody reads them, and laying them out takes time. */
const LONGEST = 120;

export function cut(name) {
	const letters = [...name.slice(0, LONGEST * 4)];
	return letters.length > LONGEST ? letters.slice(0, LONGEST).join("") + "…" : letters.join("");
}

/** A place for a name that somebody else chose: its own direction, one line. */
export function namePlace(classes = "") {
	return make("bdi", "name " + classes);
}

export function sayName(node, name) {
	if (node.named === name) return;
	node.named = name;
	node.textContent = node.title = cut(name);
}

/** A name inside a text that is no markup: isolated, so that its direction stays its own. */
export function isolated(name) {
	return "\u2068" + cut(name) + "\u2069";
}

/** Parts of a sentence, texts and {name}s, as nodes. */
export function sentence(parts) {
	return parts.map((part) => (typeof part === "string" ? part : make("bdi", "", cut(part.name))));
}

/** The same parts as one text. */
export function plain(parts) {
	return parts.map((part) => (typeof part === "string" ? part : isolated(part.name))).join("");
}

const waiting = new Set();

function run() {
	const tasks = [...waiting];
	waiting.clear();
	for (const task of tasks) task();
}

/** Runs `task` in the next frame. The same function twice runs once. */
export function nextFrame(task) {
	if (waiting.size === 0) requestAnimationFrame(run);
	waiting.add(task);
}
