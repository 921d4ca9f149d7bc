/** A whole number with its thousands apart. */
export const count = (value: number): string => value.toLocaleString('en');

export const counted = (value: number, noun: string): string => `${count(value)} ${value === 1 ? noun : `${noun}s`}`;

/** A number in so many significant digits, never in a form that hides its size. */
export function digits(value: number, significant = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e6)
      ? value.toExponential(significant - 1)
      : String(Number(value.toPrecision(significant)));
  return text.replace('-', '−').replace('e+', 'e');
}

/** A p of which the logarithm to base 10 is known: p-values of maps go far below what a number can hold. */
export function pValue(log10p: number): string {
  if (Number.isNaN(log10p)) return '–';
  if (log10p > -4) return digits(10 ** log10p, 2);
  const power = Math.floor(log10p);
  return `${digits(10 ** (log10p - power), 2)}e−${-power}`;
}

/** A task's name as people write it. */
export const taskName = (task: string): string => task.replaceAll('-', ' ');

/** A map's name for people: `pathology`, `session 1: pathology`, `pathology over rest (contrast)`, `component 1 (geometry)`. */
export function mapName({
  kind,
  task,
  run,
  contrast,
}: {
  kind: string;
  task?: string;
  run?: string;
  contrast: string;
}): string {
  if (kind === 'task' && task !== undefined) return taskName(task);
  if (kind === 'run' && run !== undefined)
    return run.replace(/^ses-0*(\d+)_task-/, 'session $1: ').replaceAll('-', ' ');
  if (kind === 'topics') return `${contrast.replaceAll('-', ' ')} over topics (yardstick)`;
  return `${contrast.replaceAll('-', ' ')} (${kind === 'component' ? 'geometry' : kind})`;
}
