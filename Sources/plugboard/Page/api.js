// What the page can ask the router to do: one function per verb. A refusal is thrown with the router's own words.
// Must not know the document.

import { dropKey, headers } from "./operator.js";

async function ask(method, path, body = {}) {
	let answer;
	try {
		answer = await fetch(path, {
			method,
			headers: headers({ "Content-Type": "application/json" }),
			body: method === "DELETE" || method === "GET" ? undefined : JSON.stringify(body),
			signal: AbortSignal.timeout(5000),
			keepalive: true,
		});
	} catch {
		throw new Error("The router does not answer.");
	}
	const value = await answer.json().catch(() => ({}));
	if (!answer.ok) throw Object.assign(new Error(value.detail || value.title || `The router answered ${answer.status}.`), { status: answer.status });
	return value;
}

/** What is the operator's alone. A key that does not count any more is dropped. */
async function askAsOperator(method, path, body) {
	try {
		return await ask(method, path, body);
	} catch (error) {
		if (error.status === 403) dropKey();
		throw error;
	}
}

const session = (id) => "/v1/sessions/" + encodeURIComponent(id);

export const stopAll = () => ask("POST", "/v1/stop");
export const clearStop = () => ask("DELETE", "/v1/stop");
export const kick = (id) => ask("POST", session(id) + "/kick");
export const mute = (id, on) => ask("POST", session(id) + (on ? "/mute" : "/unmute"));
export const patch = (id, changes) => ask("PATCH", session(id), changes);
export const answer = (id, choice, always) => ask("POST", "/v1/consents/" + encodeURIComponent(id), { answer: choice, always });
export const stopDevice = (index) => ask("POST", `/v1/devices/${index}/stop`);
export const scan = (on) => (on ? ask("POST", "/v1/scan", { for: "10s" }) : ask("DELETE", "/v1/scan"));
export const tokens = () => askAsOperator("GET", "/v1/tokens?limit=1000");
export const addToken = (wish) => askAsOperator("POST", "/v1/tokens", wish);
export const revokeToken = (name) => askAsOperator("DELETE", "/v1/tokens/" + encodeURIComponent(name));
