import type { StudyView } from '@galvani/view';
import type { ComponentType } from 'preact';
import type { Pick } from '../address.js';
import { readTable } from '../data/parts.js';
import { remembered } from '../data/remembered.js';
import { show, view } from '../view-store.js';
import { count, digits, pValue, taskName } from '../words.js';
import { Captioned } from './captioned.js';
import { fullestLesions } from './fullest-lesions.js';
import { type Cell, MatrixTable } from './matrix-table.js';
import { pickWords } from './picked-units.js';

/** What the pane can show, where the study has it. */
export interface NetworkTable {
  name: string;
  title: string;
  stage: string;
  table: string;
  read(study: number): Promise<unknown[]>;
  Table: ComponentType<{ study: StudyView; rows: never }>;
}

const rowsOf = remembered((study: number, stage: string, table: string) => readTable<Row>(study, stage, table), 40);

/** A number as parts have it: text where it is not finite. */
type Row = Record<string, number | string | boolean>;
const number = (value: Row[string]): number => Number(value);

const samePick = (a: Pick | undefined, b: Pick) =>
  a?.exactly === b.exactly && [...a.tasks].sort().join('\n') === [...b.tasks].sort().join('\n');

/** A cell that picks the units behind it. */
function picking(pick: Pick): Partial<Cell> {
  const pressed = samePick(view.value.pick, pick);
  return { pressed, onPick: () => show({ pick: pressed ? undefined : pick }) };
}

function Overlap({ study, rows }: { study: StudyView; rows: readonly Row[] }) {
  const { tasks } = study;
  return (
    <MatrixTable
      caption="Dice of two networks: units in both with effects of one direction. A cell outlines them in the map."
      rowsAre="network"
      columnsAre="network"
      rows={tasks.map(taskName)}
      columns={tasks.map(taskName)}
      cell={(r, c) => {
        const row = rows.find((each) => each.task_a === tasks[r] && each.task_b === tasks[c]);
        if (!row) return undefined;
        const tested =
          r === c
            ? ''
            : `, ${digits(number(row.lower), 2)} to ${digits(number(row.upper), 2)}, expected ${digits(number(row.expected_dice), 2)}, p ${digits(number(row.p), 2)}`;
        return {
          shade: number(row.dice) || 0,
          text: r === c ? count(number(row.members_a)) : digits(number(row.dice), 2),
          title: `${count(number(row.same))} units${tested}`,
          ...picking({ tasks: r === c ? [tasks[r]] : [tasks[r], tasks[c]], exactly: false }),
        };
      }}
    />
  );
}

/** A share of the place for bars, which leaves room for a number after the longest. */
const barLength = (share: number) => `calc(${share} * (100% - 4rem))`;

function Intersections({ study, rows }: { study: StudyView; rows: readonly Row[] }) {
  const { tasks } = study;
  const most = Math.max(1, ...rows.map((row) => number(row.units)));
  return (
    <Captioned
      caption="Units that belong to exactly these networks (an UpSet plot, Lex et al. 2014); the line is what independent placement would give. A row outlines its units in the map."
      kind="upset"
    >
      <thead>
        <tr>
          {tasks.map((task) => (
            <th key={task} scope="col">
              {taskName(task)}
            </th>
          ))}
          <th scope="col">units</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const own = String(row.tasks).split(' + ');
          const pick = { tasks: own, exactly: true };
          const { pressed, onPick } = picking(pick);
          return (
            <tr key={String(row.tasks)}>
              {tasks.map((task) => (
                <td key={task} class={own.includes(task) ? 'in' : 'out'}>
                  {own.includes(task) ? '●' : '·'}
                </td>
              ))}
              <td class="bar">
                <button
                  type="button"
                  aria-pressed={pressed}
                  onClick={onPick}
                  aria-label={`${count(number(row.units))} units ${pickWords(pick)}`}
                >
                  <span class="length" style={{ width: barLength(number(row.units) / most) }} />
                  <span class="expected" style={{ left: barLength(Math.min(1, number(row.expected) / most)) }} />
                  <span class="number">{count(number(row.units))}</span>
                </button>
              </td>
            </tr>
          );
        })}
      </tbody>
    </Captioned>
  );
}

/** Tasks against tasks, a number of each pair of a table. */
function pairs(of: {
  caption: string;
  column: string;
  rowsAre: string;
  columnsAre: string;
  a: string;
  b: string;
  limit?: number;
  title?(row: Row): string;
}) {
  return function Pairs({ study, rows }: { study: StudyView; rows: readonly Row[] }) {
    const names = [...new Set(rows.flatMap((row) => [String(row[of.a]), String(row[of.b])]))];
    const order = [
      ...study.tasks.filter((task) => names.includes(task)),
      ...names.filter((name) => !study.tasks.includes(name)),
    ];
    const most = of.limit ?? Math.max(...rows.map((row) => Math.abs(number(row[of.column])) || 0));
    return (
      <MatrixTable
        caption={of.caption}
        rowsAre={of.rowsAre}
        columnsAre={of.columnsAre}
        rows={order.map(taskName)}
        columns={order.map(taskName)}
        cell={(r, c) => {
          const row =
            rows.find((each) => each[of.a] === order[r] && each[of.b] === order[c]) ??
            rows.find((each) => of.a === 'task_a' && each[of.a] === order[c] && each[of.b] === order[r]);
          if (!row) return undefined;
          const value = number(row[of.column]);
          const both = study.tasks.includes(order[r]) && study.tasks.includes(order[c]);
          return {
            shade: value / most || 0,
            text: digits(value, 2),
            title: of.title?.(row),
            ...(both && picking({ tasks: r === c ? [order[r]] : [order[r], order[c]], exactly: false })),
          };
        }}
      />
    );
  };
}

function Confusion({ study, rows }: { study: StudyView; rows: readonly Row[] }) {
  const own = rows.filter(({ level }) => level === 'prompt');
  const { tasks } = study;
  const total = (task: string) =>
    own.filter((row) => row.task === task).reduce((sum, row) => sum + number(row.count), 0);
  return (
    <MatrixTable
      caption="Held-out prompts of each task (rows), and what they were identified as. A row's cells outline the network of what was answered."
      rowsAre="prompts of"
      columnsAre="identified as"
      rows={tasks.map(taskName)}
      columns={tasks.map(taskName)}
      cell={(r, c) => {
        const row = own.find((each) => each.task === tasks[r] && each.identified === tasks[c]);
        const found = row ? number(row.count) : 0;
        return {
          shade: found / (total(tasks[r]) || 1),
          text: count(found),
          title: `${found} of ${total(tasks[r])}`,
          ...picking({ tasks: [tasks[c]], exactly: false }),
        };
      }}
    />
  );
}

function Lesions({ study, rows }: { study: StudyView; rows: readonly Row[] }) {
  const full = fullestLesions(rows);
  const [{ sites, kind, dose }] = full;
  const topics = [...new Set(full.map((row) => String(row.topic)))];
  const networks = [...new Set(full.map((row) => String(row.network)))];
  const most = Math.max(...full.map((row) => Math.abs(number(row.change))), 1e-12);
  return (
    <MatrixTable
      caption={`Change of the loss on unseen texts of each topic without each network, nats a token (${sites}, ${kind}, dose ${dose}). A cell outlines the network.`}
      rowsAre="without"
      columnsAre="texts of"
      rows={networks.map(taskName)}
      columns={topics.map(taskName)}
      cell={(r, c) => {
        const row = full.find((each) => each.network === networks[r] && each.topic === topics[c]);
        if (!row) return undefined;
        return {
          shade: number(row.change) / most,
          text: digits(number(row.change), 2),
          title: `${digits(number(row.lower), 2)} to ${digits(number(row.upper), 2)}; matched units ${digits(number(row.control_change), 2)}, p ${pValue(Math.log10(number(row.p)))}`,
          ...(study.tasks.includes(networks[r]) && picking({ tasks: [networks[r]], exactly: false })),
        };
      }}
    />
  );
}

const table = (
  name: string,
  title: string,
  stage: string,
  file: string,
  Table: NetworkTable['Table'],
): NetworkTable => ({
  ...{ name, title, stage, table: file, Table },
  read: (study) => rowsOf(study, stage, file),
});

export const networkTables: readonly NetworkTable[] = [
  table('overlap', 'Overlap', 'networks', 'overlap', Overlap),
  table('intersections', 'Intersections', 'networks', 'intersections', Intersections),
  table(
    'repeatability',
    'Repeatability',
    'networks',
    'likeness',
    pairs({
      caption: 'Correlation of the z maps of two sessions: of one task (diagonal) and of two.',
      ...{
        column: 'correlation',
        a: 'task',
        b: 'other_task',
        rowsAre: 'task',
        columnsAre: 'in another session',
        limit: 1,
      },
      title: (row) => `Dice ${digits(number(row.dice), 2)}, expected ${digits(number(row.expected_dice), 2)}`,
    }),
  ),
  table(
    'distances',
    'Dissimilarity',
    'geometry',
    'distances',
    pairs({
      caption: 'Squared distance of mean patterns, cross-validated over sessions, in variances of prompts.',
      ...{ column: 'distance', a: 'task_a', b: 'task_b', rowsAre: 'task', columnsAre: 'task' },
      title: (row) =>
        `${digits(number(row.lower), 2)} to ${digits(number(row.upper), 2)}, p ${digits(number(row.p_over_pairs), 2)} over pairs`,
    }),
  ),
  table('confusion', 'Confusion', 'decode', 'confusion', Confusion),
  table('lesions', 'Lesions', 'lesion', 'matrix', Lesions),
];
