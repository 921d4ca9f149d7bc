import { signal } from '@preact/signals';

const asked = matchMedia('(prefers-color-scheme: dark)');

/** Whether the page is dark. */
export const dark = signal(asked.matches);
asked.addEventListener('change', ({ matches }) => {
  dark.value = matches;
});
