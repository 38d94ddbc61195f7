// Puts the page together: events change the model, the model's changes are drawn, ten times a second the charts move on.
// Must not know how anything looks.

import { Apps } from "./apps.js";
import { Board } from "./board.js";
import { Consents } from "./consents.js";
import { Devices } from "./devices.js";
import { byId, nextFrame } from "./dom.js";
import { Feed } from "./feed.js";
import { Guests } from "./guests.js";
import { Header } from "./header.js";
import { Model } from "./model.js";
import { Panel } from "./panel.js";
import { Stop } from "./stop.js";
import { askForToken } from "./operator.js";

const TICK = 100;

const model = new Model();
const feed = new Feed((event, data) => model.apply(event, data), () => nextFrame(header.draw));
const header = new Header(model, feed);
const panel = new Panel(byId("try"), model, () => devices.sliders());
const devices = new Devices(byId("device-list"), model, panel);
const apps = new Apps(byId("app-list"), model);
new Consents(byId("consents"), byId("asked"), model);
new Guests(model);
const board = new Board(byId("board"), byId("explain").firstElementChild, model, (what, key) => (what === "app" ? apps : devices).list.reveal(key));
const stop = new Stop(model, () => panel.stop());

byId("only-active").addEventListener("change", (event) => {
	board.onlyActive = event.target.checked;
	board.reshape();
});

let sampled = performance.now();

// A hidden page is woken less often; it catches up.
setInterval(() => {
	const now = performance.now();
	const due = Math.min(Math.floor((now - sampled) / TICK), 600);
	if (due < 1) return;
	sampled += due * TICK;
	for (const lane of model.lanes.values()) for (let i = 0; i < due; i++) lane.sample(feed.state === "live");
	nextFrame(board.draw);
	nextFrame(board.charts);
	nextFrame(devices.tick);
}, TICK);

setInterval(() => board.onlyActive && board.reshape(), 1000);

askForToken().then(() => feed.open());
stop.show();
