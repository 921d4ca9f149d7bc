import { dark } from '../colour/dark.js';
import { divergingColour, divergingName } from '../colour/diverging.js';
import { digits } from '../words.js';

/** What colours stand for. */
export function ColourScale({ limit, label }: { limit: number; label: string }) {
  const stops = Array.from({ length: 21 }, (_, i) => divergingColour((i - 10) / 10, dark.value));
  return (
    <figure
      class="scale"
      aria-label={`Colours of ${label} from ${digits(-limit)} (blue) to ${digits(limit)} (vermilion)`}
    >
      <span>≤ {digits(-limit)}</span>
      <span
        class="ramp"
        style={{ background: `linear-gradient(to right, ${stops.join(', ')})` }}
        title={divergingName}
      />
      <span>≥ {digits(limit)}</span>
      <figcaption>{label}</figcaption>
    </figure>
  );
}
