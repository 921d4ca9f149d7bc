import { writeGuarded } from './guarded-stream.js';

/**
 * A line at the bottom of a terminal that says where work is, below all that is printed: what is printed takes its place, and it
 * stands anew below that. Without a terminal there is none.
 */
let shown = '';
/** How many bars are on the terminal, in whose place the line would stand. */
let bars = 0;
let drawn = false;

const erase = '\r\u001b[2K';

/** Shows a line in the place of the one before, as much as fits; '' for none. */
export function showStatus(line: string): void {
  shown = line;
  eraseStatus();
  drawStatus();
}

/** Takes the line away before something is printed. */
export function eraseStatus(): void {
  if (drawn) void writeGuarded(process.stderr, erase);
  drawn = false;
}

/** Puts it back, unless a bar is there. */
export function drawStatus(): void {
  if (shown === '' || bars > 0 || drawn || !process.stderr.isTTY) return;
  void writeGuarded(process.stderr, shown.slice(0, (process.stderr.columns || 80) - 1));
  drawn = true;
}

/** A bar begins where the line is. Returns what is to be called at its end. */
export function barBegins(): () => void {
  eraseStatus();
  bars++;
  return () => {
    bars--;
    drawStatus();
  };
}
