import type { StudyView } from '@galvani/view';
import { Loaded } from '../loaded.js';
import { show, view } from '../view-store.js';
import { networkTables } from './network-tables.js';

/** How networks overlap and repeat, what is identified by them, and what the model does without them. */
export function NetworksPane({ study }: { study: StudyView }) {
  const there = networkTables.filter(({ stage, table }) =>
    study.tables.some((each) => each.stage === stage && each.names.includes(table)),
  );
  const chosen = there.find(({ name }) => name === view.value.table) ?? there[0];
  if (!chosen)
    return (
      <section class="pane" aria-label="Networks">
        <p>There are no networks yet: galvani networks makes them.</p>
      </section>
    );
  const which = view.value.study;
  return (
    <section class="pane networks-pane" aria-label="Networks">
      <fieldset class="tabs" aria-label="What is shown of networks">
        {there.map(({ name, title }) => (
          <button key={name} type="button" aria-pressed={name === chosen.name} onClick={() => show({ table: name })}>
            {title}
          </button>
        ))}
      </fieldset>
      <Loaded of={() => chosen.read(which)} by={[which, chosen.name]} what={chosen.title}>
        {(rows) =>
          rows.length > 0 ? (
            <chosen.Table key={chosen.name} study={study} rows={rows as never} />
          ) : (
            <p>
              {chosen.stage}/{chosen.table}.parquet has no rows: the study gave this stage nothing to say here.
            </p>
          )
        }
      </Loaded>
    </section>
  );
}
