// Short notes at the page's lower edge, and the one question before something that people may not mean.
// Must not know who says them.

import { byId, make, say, sentence } from "./dom.js";

const STAYS = 7000;

/** Shows a note. `parts`: texts and {name}s. A problem is announced at once. */
export function note(parts, isProblem = false) {
	const place = byId(isProblem ? "problems" : "notes");
	const node = make("p", isProblem ? "note problem" : "note", ...sentence(parts));
	while (place.children.length > 2) place.firstChild.remove();
	place.append(node);
	setTimeout(() => node.remove(), STAYS);
}

/** Does something that may be refused, and says so. */
export async function attempt(task, what) {
	try {
		return await task();
	} catch (error) {
		note([what, " ", error.message], true);
		return null;
	}
}

const dialog = byId("question");
let answered = null;

dialog.addEventListener("submit", (event) => answer(event.submitter.value === "yes"));
dialog.addEventListener("keydown", (event) => event.key === "Escape" && dismiss());

function answer(isYes) {
	answered?.(isYes);
	answered = null;
	dialog.close();
}

/** Whether the answer is yes; the other has the focus. `words`: the texts of title, text, no and yes. STOP can be pressed meanwhile. */
export function ask(words) {
	dismiss();
	for (const part of ["title", "text", "no", "yes"]) say(byId("question-" + part), words[part]);
	dialog.show();
	return new Promise((resolve) => (answered = resolve));
}

export const dismiss = () => answer(false);
