import type { SteerRow, SteerSample } from '@galvani/artifact';
import { steeringCurve } from '../figures/steering-curve.js';
import { steeringSentences } from '../findings/steering.js';
import { absent, figure, panel } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, decimal, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** What the model writes when it is steered along networks; nothing where nobody has asked. */
export function steeringSection(results: StudyResults): Markup | undefined {
  const { shift, samples = [] } = results.steer ?? {};
  if (!shift) return undefined;
  if (shift.length === 0)
    return section('steering', 'Steering', absent('No network has members in the sites that were to be steered.'));
  const steered = results.tasks.filter((task) => shift.some((row) => row.task === task));
  return section(
    'steering',
    'Steering',
    html`<p>${steeringSentences(results).join(' ')}</p>`,
    curves(shift, steered, results.tasks),
    costTable(shift),
    ...(samples.length > 0 ? [sampleTable(samples)] : []),
  );
}

function curves(shift: readonly SteerRow[], steered: readonly string[], tasks: readonly string[]): Markup {
  const { openings, directions } = shift.find((row) => row.directions > 0) ?? shift[0];
  return figure({
    id: 'steering-curve',
    title: 'Shift of the topic by strength',
    drawing: steered.map((task) => panel(taskName(task), steeringCurve(shift, task, tasks))),
    shows: html`By how much more probable the task is, to a decoder of words alone, in what the model writes after ${count(openings)} openings on other topics while strength × the task’s own effect is added to the units of its network; mean over openings with its 95% interval. Grey: the range of ${count(directions)} random directions, as many units of each site and an offset of equal norm. Strength 1 moves the units as much as the task does.`,
    imaging:
      'Stimulation: what a region does to behaviour when it is driven, beside stimulation elsewhere of the same strength.',
    interpretability:
      'Activation addition (Turner et al. 2023, arXiv 2308.10248), with the direction of a map that was tested, and with controls of equal norm.',
  });
}

function costTable(shift: readonly SteerRow[]): Markup {
  return table(
    html`What steering does and costs. p: share of random directions that shift as much, corrected over tasks and strengths. Text: perplexity of what is written, in the untouched model. Reading: by how many nats a token the steered model’s loss on unseen texts of other topics rises. In brackets the mean of random directions.`,
    [
      { heading: 'task', cell: (r: SteerRow) => taskName(r.task), text: true },
      { heading: 'strength', cell: (r) => String(r.strength) },
      { heading: 'probability', cell: (r) => decimal(r.probability, 2) },
      { heading: 'shift', cell: (r) => decimal(r.shift, 2) },
      { heading: '95% interval', cell: (r) => `${decimal(r.lower, 2)} to ${decimal(r.upper, 2)}` },
      { heading: 'random', cell: (r) => decimal(r.random_shift, 2) },
      { heading: 'p', cell: (r) => (Number.isNaN(r.p_over_family) ? '–' : probability(r.p_over_family)) },
      {
        heading: 'text',
        cell: (r) => `${decimal(Math.exp(r.text_loss), 1)}${brackets(Math.exp(r.random_text_loss), 1)}`,
      },
      { heading: 'reading', cell: (r) => `${decimal(r.read_change, 2)}${brackets(r.random_read_change, 2)}` },
    ],
    [...shift].sort((a, b) => a.task.localeCompare(b.task) || a.strength - b.strength),
  );
}

const brackets = (value: number, digits: number) => (Number.isNaN(value) ? '' : ` (${decimal(value, digits)})`);

/** The first opening of each task, untouched and at the largest strength. */
function sampleTable(samples: readonly SteerSample[]): Markup {
  const largest = Math.max(...samples.map(({ strength }) => strength));
  const shown = [...new Set(samples.map(({ task }) => task))].flatMap((task) => {
    const own = samples.filter((each) => each.task === task);
    const first = own.filter(({ prompt_id }) => prompt_id === own[0].prompt_id);
    return [
      ...first.filter(({ strength, direction }) => strength === 0 && direction === 'network'),
      ...first.filter(({ strength }) => strength === largest && largest !== 0),
    ];
  });
  return table(
    html`What the model writes after one opening, side by side; samples.parquet has more.`,
    [
      { heading: 'task', cell: (r: SteerSample) => taskName(r.task), text: true },
      {
        heading: 'steered',
        cell: (r) =>
          r.strength === 0
            ? 'untouched'
            : `${r.direction === 'network' ? 'network' : 'random direction'}, ${r.strength}`,
        text: true,
      },
      { heading: 'probability', cell: (r) => decimal(r.probability, 2) },
      { heading: 'text', cell: (r) => html`<b>${r.opening}</b>${r.text}`, text: true },
    ],
    shown,
  );
}
