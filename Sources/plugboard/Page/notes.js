// Short notes at the page's lower edge: what was done, and what was refused. Each goes by itself.
// Must not know who says them.

import { make, sentence } from "./dom.js";

const STAYS = 7000;

/** Shows a note. `parts`: texts and {name}s. A problem is announced at once. */
export function note(parts, isProblem = false) {
  const place = document.getElementById(isProblem ? "problems" : "notes");
  const node = make("p", isProblem ? "note problem" : "note", {}, ...sentence(parts));
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
