// The operator's token, where the router asks for one: from the address (#token=…) or typed in. It stays in this tab.
// Must not send it anywhere but to the router that this page is from.

const NAME = "plugboard-token";
const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  sessionStorage.setItem(NAME, given);
  history.replaceState(null, "", location.pathname + location.search);
}

const token = () => sessionStorage.getItem(NAME);

/** These header fields and the token's. */
export const headers = (fields = {}) => (token() ? { ...fields, Authorization: `Bearer ${token()}` } : fields);

/** An event stream cannot have header fields. */
export const withToken = (path) => (token() ? `${path}&token=${encodeURIComponent(token())}` : path);

/** Asks until the router takes it; with nothing typed in the page goes on without. */
export async function askForToken() {
  for (let wrong = false; ; wrong = true) {
    const answer = await fetch("/v1/status", { headers: headers() }).catch(() => null);
    if (answer?.status !== 401) return;
    const typed = prompt((wrong || token() ? "That is not the token. " : "") + "The operator's token of this router:");
    if (!typed) return sessionStorage.removeItem(NAME);
    sessionStorage.setItem(NAME, typed.trim());
  }
}
