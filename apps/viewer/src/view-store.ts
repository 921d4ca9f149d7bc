import { type ReadonlySignal, signal } from '@preact/signals';
import { fromAddress, toAddress, type View } from './address.js';

const current = signal(fromAddress(location.hash));

/** What is shown. All panes read it, and change it through `show` alone. */
export const view: ReadonlySignal<View> = current;

/**
 * Changes what is shown, and the address with it.
 *
 * @param step whether the browser's back button comes back to what was shown before. Not while something is dragged
 */
export function show(change: Partial<View>, { step = true } = {}): void {
  const next = { ...current.value, ...change };
  const address = `#${toAddress(next)}`;
  if (address === `#${toAddress(current.value)}`) return;
  if (step) history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  current.value = next;
}

const follow = () => {
  current.value = fromAddress(location.hash);
};
addEventListener('popstate', follow);
addEventListener('hashchange', follow);
