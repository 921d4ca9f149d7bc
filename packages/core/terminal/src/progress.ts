import cliProgress from 'cli-progress';
import { guardOutput } from './guarded-stream.js';
import { outputMode } from './output-mode.js';
import { note } from './print.js';
import { formatCount, formatSeconds } from './quantity.js';
import { barBegins } from './status-line.js';
import { wholeText } from './whole-progress.js';

/** Progress of one long piece of work, counted in `unit`s. */
export interface Progress {
  /** Adds `amount` (default 1) to what is done. */
  advance(amount?: number): void;
  /** Ends the bar or prints the last line. Safe to call twice. */
  finish(): void;
}

/**
 * Shows progress on standard error with an estimate of what is left: a bar on a terminal, otherwise at most one plain
 * line in `interval` milliseconds (default 5,000). Nothing where only results are wanted.
 */
export function startProgress(label: string, total: number, unit: string, interval = 5000): Progress {
  if (outputMode().level === 'quiet') return { advance: () => undefined, finish: () => undefined };
  const began = Date.now();
  let done = 0;
  let over = false;
  if (process.stderr.isTTY) {
    guardOutput();
    const bar = new cliProgress.SingleBar({
      format: `${label} [{bar}] {percentage}% {value}/{total} ${unit}, {left} left{whole}`,
      ...(wholeText() !== undefined && { barsize: 20 }),
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      stream: process.stderr,
      gracefulExit: false,
    });
    const left = () => (done === 0 ? '?' : formatSeconds(((Date.now() - began) / 1000 / done) * (total - done)));
    const whole = () => (wholeText() === undefined ? '' : `; ${wholeText()}`);
    const ended = barBegins();
    bar.start(total, 0, { left: '?', whole: whole() });
    return {
      advance(amount = 1) {
        done += amount;
        bar.update(Math.min(done, total), { left: left(), whole: whole() });
      },
      finish() {
        if (over) return;
        over = true;
        bar.stop();
        ended();
      },
    };
  }
  let said = began;
  return {
    advance(amount = 1) {
      done += amount;
      const now = Date.now();
      if (now - said < interval) return;
      said = now;
      const left = ((now - began) / 1000 / done) * (total - done);
      const percent = Math.floor((100 * done) / total);
      const whole = wholeText();
      note(
        `${label}: ${percent}% (${formatCount(done)} of ${formatCount(total)} ${unit}), ${formatSeconds(left)} left${whole === undefined ? '' : `; ${whole}`}`,
      );
    },
    finish() {
      if (!over && said !== began)
        note(
          `${label}: ${formatCount(done)} of ${formatCount(total)} ${unit} in ${formatSeconds((Date.now() - began) / 1000)}`,
        );
      over = true;
    },
  };
}
