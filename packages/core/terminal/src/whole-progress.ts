import { outputMode } from './output-mode.js';
import { note } from './print.js';
import { formatSeconds } from './quantity.js';
import { showStatus } from './status-line.js';

/** A step of a longer work, and how long it takes by a forecast, where there is one. */
export interface Step {
  name: string;
  seconds?: number;
}

/** Progress over the steps of a longer work, each of which may have a bar of its own. */
export interface WholeProgress {
  /** Begins the next step. */
  next(): void;
  /** Ends it; safe to call twice. */
  finish(): void;
}

/** Says where the whole is, for the bar of one of its steps. */
let tell: (() => string) | undefined;

/** `stage 4 of 13, about 2 min left of all`, where a step is one of several. */
export const wholeText = (): string | undefined => tell?.();

/** What was measured of steps counts as much as the forecast when they were this share of the whole. */
const prior = 0.1;
/** A step that takes a smaller share than this of its forecast had nothing to do, and says nothing of the others. */
const atWork = 0.1;

/**
 * Shows on standard error which step is at work and what is left of all by the forecast, as far as steps were as fast as forecast: a line at the bottom of a
 * terminal, or beside a step's bar; otherwise at most one plain line in `interval` milliseconds (default 5,000). Nothing where only results are wanted.
 *
 * @param label what all steps are: `run`
 */
export function startWhole(label: string, steps: readonly Step[], interval = 5000): WholeProgress {
  if (outputMode().level === 'quiet') return { next: () => undefined, finish: () => undefined };
  let at = -1;
  let began = Date.now();
  let said = Number.NEGATIVE_INFINITY;
  const total = steps.reduce((sum, { seconds = Number.NaN }) => sum + seconds, 0);
  const measured = { seconds: prior * total, forecast: prior * total };
  const elapsed = () => (Date.now() - began) / 1000;
  const left = () => {
    const pace = measured.seconds / measured.forecast;
    const later = steps.slice(at + 1).reduce((sum, { seconds = 0 }) => sum + seconds, 0);
    return pace * later + Math.max(0, pace * (steps[at].seconds ?? 0) - elapsed());
  };
  tell = () => {
    const place = `stage ${at + 1} of ${steps.length}`;
    return total > 0 ? `${place}, about ${formatSeconds(left())} left of all` : place;
  };
  const show = () => showStatus(at < 0 ? '' : `${label}: ${steps[at].name}, ${tell!()}`);
  const clock = process.stderr.isTTY ? setInterval(show, 1000).unref() : undefined;
  return {
    next() {
      const { seconds: forecast = 0 } = steps[at] ?? {};
      if (forecast > 0 && elapsed() > atWork * forecast) {
        measured.seconds += elapsed();
        measured.forecast += forecast;
      }
      at++;
      began = Date.now();
      if (process.stderr.isTTY) return show();
      if (began - said < interval) return;
      said = began;
      note(`${label}: ${steps[at].name}, ${tell!()}`);
    },
    finish() {
      clearInterval(clock);
      tell = undefined;
      showStatus('');
    },
  };
}
