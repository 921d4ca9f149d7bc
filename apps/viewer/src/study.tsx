import type { StudyView } from '@galvani/view';
import { useEffect, useState } from 'preact/hooks';
import { forgetParts } from './data/forget.js';
import { readState, readStudy, studyNames } from './data/parts.js';
import { Help } from './help.js';
import { Loaded } from './loaded.js';
import { MapPane } from './map/map-pane.js';
import { show } from './view-store.js';

/** Between two looks at what stages have written meanwhile, in ms. */
const pause = 2500;

/** What draws charts comes after the map, which does not wait for it. */
const chartPanes = async () => {
  const [{ CoursePane }, { NetworksPane }] = await Promise.all([
    import('./course/course-pane.js'),
    import('./networks/networks-pane.js'),
  ]);
  return { CoursePane, NetworksPane };
};

/** One study: its title, its panes, and what is wrong with it. */
export function Study({ study }: { study: number }) {
  const [live, setLive] = useState(true);
  const { changes, running, problem } = useStudyState(study, live);
  const read = async () => {
    const [found, studies] = await Promise.all([readStudy(study), studyNames()]);
    setLive(found.live);
    return { found, studies };
  };
  return (
    <Loaded of={read} by={[study, changes]} what="the study">
      {({ found, studies }) => (
        <>
          <header>
            <h1>{found.title}</h1>
            <p>{found.model}</p>
            {studies.length > 1 && (
              <label>
                Study{' '}
                <select value={study} onChange={({ currentTarget }) => show({ study: Number(currentTarget.value) })}>
                  {studies.map((name, k) => (
                    <option key={name} value={k}>
                      {name}
                    </option>
                  ))}
                </select>
              </label>
            )}
            <Help />
          </header>
          <Progress study={found} running={running} problem={problem} />
          <main>
            <MapPane study={found} studies={studies} />
            <Loaded of={chartPanes} by={[]} what="the charts">
              {({ CoursePane, NetworksPane }) => (
                <>
                  <CoursePane study={found} />
                  <NetworksPane study={found} />
                </>
              )}
            </Loaded>
          </main>
        </>
      )}
    </Loaded>
  );
}

/** Which stages are there, which is running, and what is missing or damaged. */
function Progress({ study, running, problem }: { study: StudyView; running: readonly string[]; problem: string }) {
  const absent = study.stages.flatMap(({ stage, why }) => (why === undefined ? [] : [`No ${stage}: ${why}`]));
  const waiting = study.stages
    .filter(({ state, why }) => state === 'missing' && why === undefined)
    .map(({ stage }) => stage);
  const sentences = [
    ...(problem === '' ? [] : [problem]),
    ...(running.length > 0 ? [`Being made now: ${running.join(', ')}. What is new is shown when it is there.`] : []),
    ...study.problems,
    ...absent,
    ...(waiting.length > 0 ? [`Not made yet: ${waiting.join(', ')}.`] : []),
  ];
  return (
    <div role="status">
      <ul class="problems">
        {sentences.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
    </div>
  );
}

/** Looks now and then whether stages have written something. A folder of files does not change. */
function useStudyState(study: number, live: boolean) {
  const [state, setState] = useState({ changes: 0, running: [] as readonly string[], problem: '' });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let seen: string | undefined;
    if (!live) return;
    const look = async () => {
      if (seen === undefined || !document.hidden)
        await readState(study).then(
          ({ version, running }) => {
            const changed = seen !== undefined && seen !== version;
            if (changed) forgetParts();
            seen = version;
            setState(({ changes }) => ({ changes: changes + Number(changed), running, problem: '' }));
          },
          (error: Error) => setState((before) => ({ ...before, problem: error.message })),
        );
      timer = setTimeout(look, pause);
    };
    void look();
    return () => clearTimeout(timer);
  }, [study, live]);
  return state;
}
