import { cautions } from '../findings/cautions.js';
import { tokenStatistics } from '../findings/token-statistics.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, counted, decimal, mean, percent, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { endedEarly } from './subject.js';

/** Whether what was recorded can be relied on: first on the page, since all that follows rests on it. */
export function qualitySection(results: StudyResults): Markup {
  const weak = cautions(results);
  return section(
    'quality',
    'Quality',
    checkTable(results),
    tokenTable(results),
    unitTable(results),
    weak.length > 0
      ? html`<h3>What weakens these results</h3>
<ul>${weak.map((words) => html`<li>${words}</li>`)}</ul>`
      : html`<p>None of the cautions that are looked for applies: settings without correction, off blocks that drift, lengths or certainty that differ between conditions, random strings, few sessions.</p>`,
  );
}

interface Check {
  what: string;
  found: string;
}

function checkTable({ plan, events, tokens, recordings, manifests, inputs }: StudyResults): Markup {
  const rows = [...tokens.values()].flat();
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  const missing = plan.runs.filter(({ name }) => !recordings.has(name)).length;
  const models = new Set(
    [...manifests].flatMap(([name, { parameters }]) =>
      name.startsWith('extract/') ? [(parameters.model as { sha256?: string } | undefined)?.sha256 ?? ''] : [],
    ),
  );
  const odd = rows.filter((token) => !Number.isFinite(token.entropy) || Number.isNaN(token.log_probability)).length;
  const presented = [...events.values()].flat();
  const repeated = presented.length - new Set(presented.map((event) => event.text)).size;
  const checks: Check[] = [
    {
      what: 'Runs recorded',
      found: `${count(recordings.size)} of ${count(plan.runs.length)}${missing > 0 ? `; ${count(missing)} missing` : ''}`,
    },
    {
      what: 'Prompts presented',
      found: `${count(presented.length)}; ${repeated === 0 ? 'no text twice' : `${count(repeated)} whose text was presented before`}`,
    },
    {
      what: 'Tokens that count',
      found: plan.extract.stopAtEnd
        ? `${count(rows.length)}; ${counted(endedEarly({ plan, tokens }), 'text')} ended before ${count(plan.extract.newTokens)} tokens, and the model stopped there`
        : `${count(rows.length)}; ${count(sum([...recordings.values()].map(({ afterEnd }) => afterEnd)))} after the end of a text ${plan.glm.afterEnd === 'drop' ? 'left out' : 'kept'}`,
    },
    { what: 'Tokens without finite entropy or probability', found: count(odd) },
    ...(recordings.size > 0
      ? [
          {
            what: 'Models recorded',
            found:
              models.size === 1
                ? '1, by its checksum the same in all runs'
                : `${count(models.size)}: runs are of different models`,
          },
        ]
      : []),
    {
      what: 'Files',
      found: `${counted(Object.keys(inputs).length, 'manifest')}; all that the page reads are as manifests list them`,
    },
  ];
  return table(
    'What was recorded.',
    [
      { heading: 'check', cell: (row: Check) => row.what, text: true },
      { heading: 'found', cell: (row) => row.found, text: true },
    ],
    checks,
  );
}

function tokenTable(results: StudyResults): Markup | undefined {
  const rows = tokenStatistics(results);
  if (rows.length === 0) return undefined;
  const reading = results.plan.extract.mode === 'read';
  return table(
    html`How the model found the prompts: mean entropy and surprise over tokens, in nats, and tokens of ${reading ? 'a prompt' : 'a continuation'}. Where on and off differ here, part of what a network responds to may be how sure the model is or how long texts are, not the topic.`,
    [
      { heading: 'task', cell: (row) => taskName(row.task), text: true },
      { heading: 'tokens on', cell: (row) => count(row.on.tokens) },
      { heading: 'tokens off', cell: (row) => count(row.off.tokens) },
      { heading: 'entropy on', cell: (row) => decimal(row.on.entropy) },
      { heading: 'entropy off', cell: (row) => decimal(row.off.entropy) },
      { heading: 'surprise on', cell: (row) => decimal(row.on.surprise) },
      { heading: 'surprise off', cell: (row) => decimal(row.off.surprise) },
      { heading: 'length on', cell: (row) => decimal(mean(row.on.lengths), 1) },
      { heading: 'length off', cell: (row) => decimal(mean(row.off.lengths), 1) },
    ],
    rows,
  );
}

interface UnitCount {
  kind: string;
  units: number;
  constant: number;
  non_finite: number;
  outliers: number;
  copies: number;
  unreachable: number;
}

function unitTable({ glm }: StudyResults): Markup | undefined {
  const sites = glm?.diagnostics ?? [];
  if (sites.length === 0) return undefined;
  const empty = { units: 0, constant: 0, non_finite: 0, outliers: 0, copies: 0, unreachable: 0 };
  const kinds = new Map<string, UnitCount>();
  const all: UnitCount = { kind: 'all', ...empty };
  for (const site of sites) {
    const own = kinds.get(site.kind) ?? { kind: site.kind, ...empty };
    kinds.set(site.kind, own);
    for (const sums of [own, all])
      for (const key of Object.keys(empty) as (keyof typeof empty)[]) sums[key] += site[key];
  }
  const worst = [...sites].sort((a, b) => b.outliers / b.units - a.outliers / a.units)[0];
  return table(
    html`Units by kind of site. Constant units never vary beyond what the design explains; they and units that are not finite somewhere are not tested. Outliers are units whose residuals spread more than 6 robust standard deviations (1.4826 times the median absolute deviation, on a log scale) from the median of their site (Iglewicz and Hoaglin, 1993); they are kept.${worst.outliers > 0 && ` Most are in ${worst.site}: ${count(worst.outliers)} of ${count(worst.units)}.`}`,
    [
      { heading: 'kind', cell: (row: UnitCount) => row.kind, text: true },
      { heading: 'units', cell: (row) => count(row.units) },
      { heading: 'constant', cell: (row) => count(row.constant) },
      { heading: 'not finite', cell: (row) => count(row.non_finite) },
      { heading: 'outliers', cell: (row) => `${count(row.outliers)} (${percent(row.outliers / row.units)})` },
      { heading: 'copies', cell: (row) => count(row.copies) },
      { heading: 'unreachable', cell: (row) => count(row.unreachable) },
    ],
    [...kinds.values(), all],
  );
}
