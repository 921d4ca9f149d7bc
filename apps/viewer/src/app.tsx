import { Study } from './study.js';
import { view } from './view-store.js';

/** The viewer: what it shows of the chosen study. */
export function App() {
  const { study } = view.value;
  return <Study key={study} study={study} />;
}
