// Draws the last minute of a lane on a canvas: a step line over a pale area, a line at zero, a gap where nothing is known.
// Must not know where the canvas is.

import { SAMPLES } from "./lane.js";

const colours = {};

function readColours() {
	const style = getComputedStyle(document.documentElement);
	for (const name of ["drive", "area", "line", "wait"]) colours[name] = style.getPropertyValue("--" + name).trim();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColours);

/** Draws the newest `share` of the minute. The canvas's size on the page is `width` × `height`. */
export function draw(canvas, lane, width, height, share = 1) {
	if (!colours.drive) readColours();
	const scale = Math.min(devicePixelRatio || 1, 2);
	if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
		canvas.width = Math.round(width * scale);
		canvas.height = Math.round(height * scale);
	}
	const pen = canvas.getContext("2d");
	pen.setTransform(scale, 0, 0, scale, 0, 0);
	pen.clearRect(0, 0, width, height);
	const signed = lane.isSigned;
	const top = 1.5;
	const zero = signed ? height / 2 : height - 1.5;
	const room = zero - top;
	pen.fillStyle = colours.line;
	pen.fillRect(0, Math.round(zero), width, 1);
	const count = Math.round(SAMPLES * share);
	const step = width / (count - 1);
	const area = new Path2D();
	const line = new Path2D();
	const y = (level) => zero - Math.max(-1, Math.min(1, level)) * room;
	const both = (x, level) => [area, line].forEach((path) => path.lineTo(x, y(level)));
	let before = NaN;
	let x = 0;
	for (let i = 0; i < count; i++) {
		const level = lane.history[(lane.head + SAMPLES - count + i) % SAMPLES];
		x = i * step;
		if (Number.isNaN(level)) {
			if (!Number.isNaN(before)) area.lineTo(x, zero);
		} else {
			if (Number.isNaN(before)) {
				area.moveTo(x, zero);
				line.moveTo(x, y(level));
			} else if (level !== before) both(x, before);
			if (level !== before || i === count - 1) both(x, level);
		}
		before = level;
	}
	if (!Number.isNaN(before)) area.lineTo(x, zero);
	pen.fillStyle = colours.area;
	pen.fill(area);
	pen.strokeStyle = lane.level ? colours.drive : colours.wait;
	pen.lineWidth = 1.6;
	pen.lineJoin = "round";
	pen.stroke(line);
}
