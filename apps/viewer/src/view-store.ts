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
  if (address !== `#${toAddress(current.value)}`) current.value = next;
  clearTimeout(waiting);
  if (address === (location.hash || '#')) return;
  if (step) history.pushState(null, '', address);
  // Browsers refuse addresses that change with every frame, and take long over them.
  else waiting = setTimeout(() => history.replaceState(null, '', address), pause);
}

/** Until an address follows what is dragged, once it rests, in ms. */
const pause = 200;
let waiting: ReturnType<typeof setTimeout> | undefined;

const follow = () => {
  clearTimeout(waiting);
  current.value = fromAddress(location.hash);
};
addEventListener('popstate', follow);
addEventListener('hashchange', follow);
