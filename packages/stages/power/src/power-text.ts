import { type Power, type PromptsNeeded, promptsNeeded } from '@galvani/artifact';
import { formatCount } from '@galvani/terminal';

/** Share of units that is asked for. */
const wanted = 0.8;

/** What a study needs, in sentences: how many prompts a block, and of the tokens how many. */
export function powerSentences(rows: readonly Power[]): string[] {
  const expected = rows.filter(({ varied, power }) => varied === 'expected' && Number.isFinite(power));
  const recorded = rows.findLast(({ varied }) => varied === 'prompts');
  if (!recorded) return [];
  const joint = promptsNeeded(rows, '', wanted);
  const tokens = tokenSentence(rows);
  if (!joint)
    return [
      'How many prompts a block are needed cannot be said: no network of all sessions but one has a member whose effect the session left out could show.',
      ...tokens,
    ];
  const { prompts_per_block: now, sessions } = recorded;
  const ofTasks = [...new Set(expected.map(({ task }) => task))].filter((task) => task !== '');
  const parts = ofTasks.map((task) => `${task} ${numberOf(promptsNeeded(rows, task, wanted)!)}`);
  const held = expected.find((row) => row.task === '' && row.prompts_per_block === now)!.power;
  return [
    `${capitalized(numberOf(joint))} prompts a block in ${formatCount(sessions)} session${sessions === 1 ? '' : 's'} are expected to find ${percent(wanted)} of the units that respond as members of these networks do${ofTasks.length > 1 ? ` (${parts.join(', ')})` : ''}; the ${formatCount(now)} that were recorded ${percent(held)}.`,
    ...tokens,
  ];
}

const numberOf = ({ count, enough }: PromptsNeeded) =>
  enough ? formatCount(count) : `more than ${formatCount(count)}`;

function tokenSentence(rows: readonly Power[]): string[] {
  const own = rows.filter(({ varied, task, found }) => varied === 'tokens' && task === '' && Number.isFinite(found));
  const enough = own.find(({ found }) => found >= wanted);
  if (own.length === 0) return [];
  return enough
    ? [
        `The first ${enough.tokens === 1 ? 'token' : `${formatCount(enough.tokens)} tokens`} of each prompt find ${percent(enough.found)} of what all tokens find.`,
      ]
    : [
        `The first ${formatCount(own.at(-1)!.tokens)} tokens of each prompt find ${percent(own.at(-1)!.found)} of what all tokens find, so fewer tokens lose much.`,
      ];
}

/** Tables for a terminal: means over tasks, a line for each number of prompts, sessions and tokens. */
export function powerText(rows: readonly Power[]): string {
  const joint = rows.filter(({ task }) => task === '');
  const curve = joint.filter(({ varied }) => varied !== 'expected');
  const expected = joint.filter(({ varied }) => varied === 'expected');
  const now = curve.findLast(({ varied }) => varied === 'prompts')?.prompts_per_block ?? 0;
  const powerAt = (row: Power) =>
    row.varied === 'prompts'
      ? expected.find((each) => each.prompts_per_block === row.prompts_per_block)?.power
      : undefined;
  const measured = curve.map((row) => [
    ...[String(row.prompts_per_block), String(row.sessions), row.tokens === 0 ? 'all' : `first ${row.tokens}`],
    ...[formatCount(Math.round(row.members)), percent(row.found), decimal(row.dice), decimal(row.repeat_dice)],
    ...[decimal(row.repeat_correlation), percent(row.identified), percent(powerAt(row) ?? Number.NaN)],
  ]);
  const further = expected.filter(
    ({ prompts_per_block: count }) =>
      count > now && [1.5, 2, 3, 4, 8, 16].some((times) => nearest(expected, times * now) === count),
  );
  const more = further.map((row) => [
    ...[String(row.prompts_per_block), String(row.sessions), 'all', '', '', '', '', '', '', percent(row.power)],
  ]);
  const heading = [
    'prompts/block',
    'sessions',
    'tokens',
    'members',
    'found',
    'Dice',
    'repeat Dice',
    'repeat r',
    'identified',
    'expected',
  ];
  return aligned([heading, ...measured, ...more]);
}

function nearest(rows: readonly Power[], wanted: number): number | undefined {
  return rows.map((row) => row.prompts_per_block).find((count) => count >= wanted);
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, c) => Math.max(...lines.map((line) => line[c].length)));
  return lines.map((line) => line.map((cell, c) => cell.padStart(widths[c])).join('  ')).join('\n');
}

const decimal = (x: number) => (Number.isFinite(x) ? x.toFixed(2) : '');
const percent = (share: number) => (Number.isFinite(share) ? `${Math.round(100 * share)}%` : '');
const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
