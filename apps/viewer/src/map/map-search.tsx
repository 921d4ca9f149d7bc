import type { StudyView } from '@galvani/view';
import { useMemo, useState } from 'preact/hooks';
import { show } from '../view-store.js';
import { count } from '../words.js';
import { findUnit } from './find-unit.js';
import { placeOf, rasterLayout } from './raster-layout.js';

/** Goes to a unit by its site's path and number. */
export function MapSearch({ study }: { study: StudyView }) {
  const layout = useMemo(() => rasterLayout(study.sites), [study]);
  const [problem, setProblem] = useState('');
  return (
    <form
      class="search"
      onSubmit={(event) => {
        event.preventDefault();
        const words = String(new FormData(event.currentTarget).get('unit') ?? '');
        const found = findUnit(study.sites, words);
        setProblem('problem' in found ? found.problem : '');
        if ('problem' in found) return;
        const { row, column } = placeOf(layout, found.site.start + found.unit);
        const [across, down] = [Math.min(1, 48 / layout.columns), Math.min(1, 24 / layout.rows)];
        const left = Math.min(1 - across, Math.max(0, (column + 0.5) / layout.columns - across / 2));
        const top = Math.min(1 - down, Math.max(0, (row + 0.5) / layout.rows - down / 2));
        show({
          unit: { site: found.site.site, unit: found.unit },
          mean: undefined,
          window: { left, top, right: left + across, bottom: top + down },
        });
      }}
    >
      <label>
        Go to <input name="unit" list="sites" placeholder="site:unit" size={28} autocomplete="off" spellcheck={false} />
      </label>
      <datalist id="sites">
        {study.sites.map(({ site, width }) => (
          <option key={site} value={`${site}:`}>
            {count(width)} units
          </option>
        ))}
      </datalist>
      <button type="submit">Go</button>
      {problem !== '' && <span role="alert">{problem}</span>}
    </form>
  );
}
