// The operator's key in this tab: from `plugboard dashboard`, or the token of an https:// address.
// Must not send it anywhere but to the router that this page is from.

const NAME = "operator";

function take() {
	const found = /^#(?:operator|token)=([\w.~-]+)$/.exec(location.hash);
	if (!found) return;
	sessionStorage.setItem(NAME, found[1]);
	history.replaceState(null, "", location.pathname);
}

take();
// An address that differs in the key only does not load the page again.
addEventListener("hashchange", take);

export const operatorKey = () => sessionStorage.getItem(NAME);
export const dropKey = () => sessionStorage.removeItem(NAME);
export const headers = (more = {}) => (operatorKey() ? { ...more, Authorization: "Bearer " + operatorKey() } : more);

/** An event stream cannot have header fields; only https:// addresses ask it for the token. */
export const withToken = (path) => (location.protocol === "https:" && operatorKey() ? `${path}&token=${encodeURIComponent(operatorKey())}` : path);

/** Asks until the router takes it; with nothing typed in the page goes on without. */
export async function askForToken() {
	while ((await fetch("/v1/status", { headers: headers() }).catch(() => null))?.status === 401) {
		const typed = prompt((operatorKey() ? "This token does not count. " : "") + "The operator's token of this router:");
		if (!typed) return dropKey();
		sessionStorage.setItem(NAME, typed.trim());
	}
}

/** The token may have been replaced; a page without one has been asked and goes on without. */
export const askAgain = async () => operatorKey() && askForToken();
