/**
 * Colours that people with the common kinds of colour blindness tell apart (Okabe and Ito, Color Universal Design, 2008;
 * the last two added), and lighter forms for dark pages. A task keeps its colour in every figure.
 */
const onLight = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#b8860b', '#56a5d8', '#7f5539', '#6b6b9e'];
const onDark = ['#4b9fdc', '#f0803c', '#2fc49a', '#e09cc2', '#e6b422', '#a5d8f5', '#c08f6c', '#a6a6d6'];

/**
 * Colours of effects: above 0 vermilion, below 0 blue, of one lightness (0.6) and chroma (0.16) in OKLab (Ottosson 2020,
 * https://bottosson.github.io/posts/oklab/), at hues that people with the common kinds of colour blindness tell apart. They are laid over the page with
 * an opacity that grows with the effect, which on light and on dark pages gives steps of nearly equal size in OKLab.
 */
export const above = '#cc572a';
export const below = '#3280dd';
export const divergingName = 'OKLab blue to vermilion';

/** Largest opacity of a unit outside the network, and least of a member. */
export const faintest = 70 / 255;
export const strongest = 0.5;

/** The CSS colour of a task. */
export function taskColour(tasks: readonly string[], task: string): string {
  const at = tasks.indexOf(task);
  return at < 0 ? 'var(--quiet)' : `var(--task-${at % onLight.length})`;
}

/** Declarations of the colours of tasks, for light or dark pages. */
export function taskColourDeclarations(dark: boolean): string {
  return (dark ? onDark : onLight).map((colour, i) => `--task-${i}: ${colour};`).join(' ');
}
