// Drawing waits for the next animation frame: however many events come, each task runs once per frame.
// Must not know what is drawn.

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
