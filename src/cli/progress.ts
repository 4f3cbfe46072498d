/** A line on stderr that shows that something long is going on, and for how long. */
export interface Progress {
  /** What is being done now, such as `merging 3 of 12`. */
  update(text: string): void;
  /** Clears the line. */
  stop(): void;
}

export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;
/** Work that ends sooner shows nothing: a line that flashes up only distracts. */
const patienceMs = 300;
const clearLine = '\r\u001b[K';

/**
 * Starts a spinner with the elapsed time. On anything but a terminal it writes nothing at all.
 * Its timer does not keep the process alive.
 */
export function createProgress(stream: ProgressStream, text: string, now: () => number = Date.now): Progress {
  if (!stream.isTTY) return { update() {}, stop() {} };
  const startedMs = now();
  let current = text;
  let drawnMs = startedMs + patienceMs - frameMs;
  let shown = false;
  const draw = (): void => {
    const nowMs = now();
    if (nowMs - drawnMs < frameMs) return;
    drawnMs = nowMs;
    shown = true;
    const elapsedMs = nowMs - startedMs;
    const frame = frames[Math.floor(elapsedMs / frameMs) % frames.length];
    stream.write(`${clearLine}${frame} ${current} (${(elapsedMs / 1000).toFixed(1)} s)`);
  };
  const timer = setInterval(draw, frameMs);
  timer.unref();
  return {
    update(next) {
      current = next;
      // Work that keeps the thread busy gives the timer no turn, so an update draws too.
      draw();
    },
    stop() {
      clearInterval(timer);
      if (shown) stream.write(clearLine);
    },
  };
}
