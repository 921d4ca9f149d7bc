import type { Confusion } from '@galvani/artifact';
import { whyAbsent } from '@galvani/study';
import { confusionMatrix } from '../figures/confusion-matrix.js';
import { identificationAccuracy } from '../figures/identification-accuracy.js';
import { absent, figure, panel } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { colourScale } from '../page/scale.js';
import { section } from '../page/section.js';
import { count, counted, listed, percent, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** Whether activity that no network was formed from tells which task was presented. */
export function identificationSection({ decode, tasks, plan }: StudyResults): Markup {
  const heading = 'Identification of the task';
  const accuracy = (decode.accuracy ?? []).filter((row) => row.total > 0);
  if (accuracy.length === 0)
    return section(
      'identification',
      heading,
      absent(whyAbsent(plan, 'decode') ?? 'No held-out run has been identified yet.'),
    );
  const confusion = decode.confusion ?? [];
  const levels = [...new Set(confusion.map((row) => row.level))];
  return section(
    'identification',
    heading,
    html`<p>One session at a time is left out. Networks are formed from the other sessions, and each run of the left-out session, then each of its on-block prompts, is assigned to the task whose network its activity matches best. Nothing of the left-out session takes part in selection, centring or thresholds.</p>`,
    figure({
      id: 'identification-accuracy',
      title: 'How often the task is identified',
      drawing: identificationAccuracy(accuracy),
      shows: html`${accuracy.map(
        (row) =>
          `Of ${counted(row.total, `held-out ${row.level}`)}, ${count(row.correct)} were identified: ${percent(row.accuracy)}, 95% interval ${percent(row.lower)} to ${percent(row.upper)}, p ${probability(row.p)} by ${count(row.permutations)} permutations of the tasks’ labels. `,
      )}Grey ticks mark chance, the mean accuracy of these permutations. Intervals are over runs: prompts of one run share it.`,
      imaging: 'Decoding across sessions, with feature selection inside each fold.',
      interpretability:
        'A test of whether the networks mean anything: units that respond to a topic by accident would not identify it in new prompts.',
    }),
    confusion.length === 0
      ? absent('There is no confusion matrix.')
      : figure({
          id: 'confusion-matrix',
          title: 'What is taken for what',
          leastWidth: 420,
          drawing: levels.map((level) => {
            const rows = confusion.filter((row) => row.level === level);
            return panel(
              `${level}s`,
              html`${confusionMatrix(`Confusion matrix of ${level}s`, rows, tasks)}${colourScale({ ticks: ['0%', '100%'], colours: ['transparent', 'currentColor'], opacity: 0.75, of: `share of the presented task’s ${level}s, in its colour` })}`,
            );
          }),
          shows: html`Rows are the tasks presented, columns the tasks identified; the diagonal is correct. ${levels.map(
            (level) =>
              mistakes(
                confusion.filter((row) => row.level === level),
                level,
              ),
          )}`,
          imaging: 'Tasks that are taken for each other have networks that overlap; compare with the overlap matrix.',
        }),
  );
}

/** The most frequent mistake in words. */
export function mistakes(rows: readonly Confusion[], level: string): string {
  const wrong = rows.filter((row) => row.task !== row.identified && row.count > 0);
  if (wrong.length === 0) return `No ${level} was mistaken for another task’s. `;
  const most = Math.max(...wrong.map((row) => row.count));
  const pairs = wrong.filter((row) => row.count === most);
  if (pairs.length > 3)
    return `Mistakes among ${level}s are spread: no confusion occurred more than ${most === 1 ? 'once' : `${count(most)} times`}. `;
  return `The most frequent mistake among ${level}s: ${listed(pairs.map((row) => `${taskName(row.task)} taken for ${taskName(row.identified)}`))} (${most === 1 ? 'once' : `${count(most)} times`}). `;
}
