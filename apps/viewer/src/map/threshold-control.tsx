import type { Threshold } from '../address.js';
import { show, view } from '../view-store.js';
import { count, digits, pValue } from '../words.js';
import type { MapData } from './map-data.js';
import { countAbove, type Ranked, worstOf } from './threshold.js';

interface ThresholdProps {
  /** log10 of corrected p of each unit, by correction. */
  corrected: MapData['corrected'];
  ranked: Ranked;
  statistic: string;
  /** Units that are drawn. */
  drawn: number;
}

/** Smallest corrected p that the slider goes to, as log10. */
const least = -6;

/** Which units are drawn, and what corrected p that comes to. */
export function ThresholdControl({ corrected: known, ranked, statistic, drawn }: ThresholdProps) {
  const { by, threshold } = view.value;
  const most = ranked.size[0] ?? 1;
  const corrected = by !== 'statistic' && known.has(by);
  const position = corrected ? -Math.log10(threshold ?? 1) : (threshold ?? 0);
  const slide = (value: number, step: boolean) =>
    show({ threshold: value <= 0 ? undefined : corrected ? 10 ** -value : value }, { step });
  const above = corrected ? drawn : countAbove(ranked, threshold ?? 0);
  const words = corrected ? `${by} p ≤ ${pValue(-position)}` : `|${statistic}| ≥ ${digits(position, 3)}`;
  return (
    <div class="threshold">
      <label>
        Threshold on{' '}
        <select
          value={corrected ? by : 'statistic'}
          onChange={({ currentTarget }) => show({ by: currentTarget.value as Threshold, threshold: undefined })}
        >
          <option value="statistic">|{statistic}|</option>
          {[...known.keys()].map((name) => (
            <option key={name} value={name}>
              {name === 'fdr' ? 'false discovery rate' : 'family-wise p'}
            </option>
          ))}
        </select>
      </label>
      <input
        type="range"
        aria-label="Threshold"
        aria-valuetext={words}
        min={0}
        max={corrected ? -least : most}
        step={(corrected ? -least : most) / 500}
        value={position}
        onInput={({ currentTarget }) => slide(Number(currentTarget.value), false)}
        onChange={({ currentTarget }) => slide(Number(currentTarget.value), true)}
      />
      <output>
        {words}: {count(drawn)} of {count(ranked.order.length)} units
        {!corrected &&
          [...ranked.worst.keys()].map(
            (name) =>
              `; ${name === 'fdr' ? 'q' : 'family-wise p'} of each at most ${pValue(worstOf(ranked, name, above))}`,
          )}
      </output>
    </div>
  );
}
