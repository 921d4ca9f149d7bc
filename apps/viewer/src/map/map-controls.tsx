import type { MapSummary, StudyView } from '@galvani/view';
import type { View } from '../address.js';
import { networkTasks, pickWords } from '../networks/picked-units.js';
import { show, view } from '../view-store.js';
import { mapName, taskName } from '../words.js';
import { drawnColumns } from './map-data.js';

interface MapControlsProps {
  study: StudyView;
  /** Names of the studies that are served. */
  studies: readonly string[];
  summary: MapSummary;
  statistic: string;
}

/** Which map is drawn, of what, and beside which other one. */
export function MapControls({ study, studies, summary, statistic }: MapControlsProps) {
  const { sign, pick, compare, other, otherStudy, study: which } = view.value;
  const overOff = ['task', 'run', 'second-level', 'topics'].includes(summary.kind);
  const several = pick && (pick.exactly || pick.tasks.length > 1);
  return (
    <div class="controls">
      <label>
        Map{' '}
        <select value={summary.name} onChange={({ currentTarget }) => show({ map: currentTarget.value })}>
          <MapOptions study={study} />
        </select>
      </label>
      <label>
        Statistic{' '}
        <select
          value={statistic}
          onChange={({ currentTarget }) => show({ statistic: currentTarget.value, threshold: undefined })}
        >
          {drawnColumns(summary).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        Sign{' '}
        <select value={sign} onChange={({ currentTarget }) => show({ sign: currentTarget.value as View['sign'] })}>
          <option value="both">both</option>
          <option value="positive">{overOff ? `above ${study.off}` : 'positive'}</option>
          <option value="negative">{overOff ? `below ${study.off}` : 'negative'}</option>
        </select>
      </label>
      <label>
        Outline{' '}
        <select
          value={several ? 'several' : (pick?.tasks[0] ?? '')}
          onChange={({ currentTarget: { value } }) =>
            show({ pick: value === '' ? undefined : { tasks: [value], exactly: false } })
          }
        >
          <option value="">nothing</option>
          {networkTasks(study).map((task) => (
            <option key={task} value={task}>
              network of {taskName(task)}
            </option>
          ))}
          {several && <option value="several">{pickWords(pick)}</option>}
        </select>
      </label>
      <label>
        Compare{' '}
        <select
          value={compare}
          onChange={({ currentTarget }) => show({ compare: currentTarget.value as View['compare'] })}
        >
          <option value="none">with nothing</option>
          <option value="side">side by side with</option>
          <option value="difference">less</option>
        </select>
      </label>
      {compare !== 'none' && (
        <select
          aria-label="The other map"
          value={other ?? study.maps[0].name}
          onChange={({ currentTarget }) => show({ other: currentTarget.value })}
        >
          <MapOptions study={study} />
        </select>
      )}
      {compare !== 'none' && studies.length > 1 && (
        <select
          aria-label="The other map's study"
          value={otherStudy ?? which}
          onChange={({ currentTarget }) => show({ otherStudy: Number(currentTarget.value) })}
        >
          {studies.map((name, k) => (
            <option key={name} value={k}>
              of {name}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

const mapKinds: readonly [label: string, ...kinds: MapSummary['kind'][]][] = [
  ['tasks', 'task'],
  ['over sessions, as random effects', 'second-level'],
  ['contrasts and conjunctions', 'contrast', 'conjunction'],
  ['runs', 'run'],
  ['over topics', 'topics'],
  ['independent components', 'component'],
];

const MapOptions = ({ study }: { study: StudyView }) => (
  <>
    {mapKinds.map(([label, ...kinds]) => {
      const own = study.maps.filter(({ kind }) => kinds.includes(kind));
      return (
        own.length > 0 && (
          <optgroup key={label} label={label}>
            {own.map((each) => (
              <option key={each.name} value={each.name}>
                {mapName(each)}
              </option>
            ))}
          </optgroup>
        )
      );
    })}
  </>
);
