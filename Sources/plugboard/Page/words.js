// Numbers and states in words: percents, times, and the sentence that says why an output runs.
// Must not know the document.

const NARROW = "\u00a0";
const count = new Intl.NumberFormat("en");

export const number = (value) => count.format(value);

export function percent(share) {
	const value = Math.round(share * 100);
	return (value < 0 ? "−" + -value : String(value)) + NARROW + "%";
}

export const seconds = (value) => value.toFixed(value < 9.95 ? 1 : 0) + NARROW + "s";

export function duration(value) {
	if (value < 60) return Math.floor(value) + NARROW + "s";
	const minutes = Math.floor(value / 60);
	if (minutes < 60) return minutes + NARROW + "min";
	const hours = Math.floor(minutes / 60);
	return hours < 48 ? `${hours}${NARROW}h ${minutes % 60}${NARROW}min` : Math.floor(hours / 24) + NARROW + "days";
}

export const plural = (value, one) => `${number(value)} ${one}${value === 1 ? "" : "s"}`;

/** "HwPositionWithDuration" is "Position, timed"; other types are as the protocol writes them. */
export const typeName = (type) => (type === "HwPositionWithDuration" ? "Position, timed" : type);

export const isPosition = (type) => type !== null && type.includes("Position");

export const clientName = (session) => session?.client ?? (session ? "(no name yet)" : "(gone)");

/** Where an app comes from, and by which token. A remote one's address may be hidden by its proxy. */
export function origin({ address, local, token }) {
	const from = local ? (address === "unix" ? "local socket" : "this machine") : address === "forwarded" ? "remote" : "remote " + address;
	return token === null ? from : `${from} · token ${token}`;
}

/** What a sensor says: [82] of a battery is "82 %". */
export function reading(input) {
	if (!input.value) return "not read yet";
	if (input.type === "Battery") return input.value[0] + NARROW + "%";
	if (input.type === "RSSI") return input.value[0] + NARROW + "dBm";
	return input.value.map(number).join(", ");
}

/** Why the one that drives a lane does, as far as that shows; else nothing. */
function reason(driver, lane, others, model) {
	const own = lane.by.get(lane.driver);
	if (!own || !others.length) return "";
	const priority = Math.max(...others.map((one) => model.sessions.get(one.session)?.priority ?? 0));
	if (driver.priority > priority) return ": it has the highest priority";
	return others.every((one) => Math.abs(one.scaled) <= Math.abs(own.scaled)) ? ": it asks for the most" : "";
}

/** Why a lane is as it is, as parts: texts and {name}s. */
export function why(lane, model) {
	const what = [{ name: lane.deviceName }, `, ${lane.title}, `];
	const driver = lane.driver && model.sessions.get(lane.driver);
	const others = [...lane.by.values()].filter((one) => one.session !== lane.driver);
	const parts = [];
	if (model.status?.emergency_stop) return [...what, "is held at zero by the emergency stop."];
	if (driver) {
		const moves = isPosition(lane.data.type) || (lane.data.lease && !lane.by.has(lane.driver));
		parts.push(...what, moves ? "is moved by " : lane.level ? "runs, because " : "is at zero, because ", { name: clientName(driver) }, moves ? "." : ` drives it${reason(driver, lane, others, model)}.`);
		const lease = lane.leaseLeft();
		if (lease > 0) parts.push(" Its lease has ", seconds(lease), " left.");
	} else {
		parts.push(...what, others.length ? "rests, but is asked for." : "rests. No app asks for it.");
	}
	others.slice(0, 3).forEach((one, at) => {
		parts.push(!at ? " " : others[at + 1] ? ", " : " and ", { name: clientName(model.sessions.get(one.session)) });
	});
	if (others.length) parts.push(others.length > 3 ? ` and ${others.length - 3} more wait.` : others.length > 1 ? " wait." : " waits.");
	const held = lane.heldLeft();
	if (held > 0) parts.push(" It is held off for ", seconds(held), " more.");
	return parts;
}
