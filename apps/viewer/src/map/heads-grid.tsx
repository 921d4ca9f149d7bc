import type { StudyView } from '@galvani/view';
import { dark } from '../colour/dark.js';
import { divergingColour } from '../colour/diverging.js';
import { show, view } from '../view-store.js';
import { digits } from '../words.js';

interface HeadsGridProps {
  study: StudyView;
  /** Of each unit of the study; NaN where it was not tested. */
  values: Float64Array;
  statistic: string;
  limit: number;
  /** Of each unit 1 where the threshold leaves it. Undefined: all are drawn. */
  drawn?: Uint8Array;
}

/** Heads of attention as units: a cell for each, a row for each block; nothing where heads were not recorded. A cell selects its unit. */
export function HeadsGrid({ study, values, statistic, limit, drawn }: HeadsGridProps) {
  const rows = study.sites.filter(({ kind }) => kind === 'heads');
  if (rows.length === 0) return null;
  const { unit: selected } = view.value;
  const most = Math.max(...rows.map(({ width }) => width));
  return (
    <details class="heads" open>
      <summary>Heads of attention as units</summary>
      <div class="scrolled">
        <table>
          <caption>{statistic} of what each head adds to the residual stream, by block and head</caption>
          <thead>
            <tr>
              <th scope="col">head</th>
              {Array.from({ length: most }, (_, head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ site, layer, start, width }) => (
              <tr key={site}>
                <th scope="row">{layer}</th>
                {Array.from({ length: width }, (_, head) => {
                  const value = values[start + head];
                  const known = Number.isFinite(value);
                  const out = drawn !== undefined && drawn[start + head] === 0;
                  return (
                    <td key={head}>
                      <button
                        type="button"
                        class={out ? 'out' : ''}
                        aria-pressed={selected?.site === site && selected.unit === head}
                        aria-label={`${layer}, head ${head}: ${known ? `${statistic} ${digits(value)}` : 'not tested'}${out ? ', below the threshold' : ''}`}
                        title={known ? `${statistic} ${digits(value)}` : 'not tested'}
                        style={known ? { background: divergingColour(value / limit, dark.value) } : undefined}
                        onClick={() => show({ unit: { site, unit: head }, mean: undefined })}
                      />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
