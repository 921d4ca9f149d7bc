import type { RandomStream } from '@galvani/numerics';
import type { PromptSelection } from '@galvani/statistics';

/** A run's prompts, by block. */
export interface RunBlocks {
  session: number;
  task: string;
  /** For each block whether it is the task's, and its prompts by their rows among those of all runs. */
  blocks: readonly { isTask: boolean; rows: readonly number[] }[];
}

/** Some prompts of one task's runs, and perhaps as many others. */
export interface Choice {
  task: number;
  draw: number;
  own: PromptSelection;
  /** Equally many, none of them among its own. */
  other?: PromptSelection;
  /** Prompts of sessions that it leaves out, whose effects its network is to be judged by. */
  leftOut?: PromptSelection;
}

/** Choices of one size. */
export interface ChoicePoint {
  varied: 'prompts' | 'sessions' | 'tokens';
  promptsPerBlock: number;
  sessions: number;
  /** Infinity for all. */
  tokens: number;
  draws: number;
  choices: Choice[];
}

/** What there is to choose from. */
export interface RecordedDesign {
  tasks: readonly string[];
  sessions: readonly number[];
  /** Least number of prompts that any block has. */
  promptsPerBlock: number;
  runs: readonly RunBlocks[];
}

export function recordedDesign(runs: readonly RunBlocks[]): RecordedDesign {
  return {
    tasks: [...new Set(runs.map(({ task }) => task))],
    sessions: [...new Set(runs.map(({ session }) => session))].sort((a, b) => a - b),
    promptsPerBlock: Math.min(...runs.flatMap(({ blocks }) => blocks.map(({ rows }) => rows.length))),
    runs,
  };
}

/** Most numbers of prompts that are tried. */
const mostSizes = 6;

/**
 * Numbers of prompts of a block to try, all of them last.
 * @example promptNumbers(6) // [2, 3, 4, 5, 6]
 */
export function promptNumbers(promptsPerBlock: number): number[] {
  const least = Math.min(2, promptsPerBlock);
  const steps = Math.min(mostSizes, promptsPerBlock - least + 1);
  const at = (i: number) => Math.round(least + ((promptsPerBlock - least) * i) / Math.max(1, steps - 1));
  return [...new Set([...Array.from({ length: steps - 1 }, (_, i) => at(i)), promptsPerBlock])];
}

/**
 * Numbers of tokens to try: 1, 2, 4, ... below all.
 * @example tokenNumbers(16) // [1, 2, 4, 8]
 */
export function tokenNumbers(tokens: number): number[] {
  const found: number[] = [];
  for (let count = 1; count < tokens; count *= 2) found.push(count);
  return found;
}

/** Fewer and fewer prompts of each block, in all sessions; the whole last. */
export function promptPoints(design: RecordedDesign, draws: number, stream: RandomStream): ChoicePoint[] {
  const { tasks, sessions, promptsPerBlock } = design;
  const counts = promptNumbers(promptsPerBlock);
  // Where there is no session to leave out, other prompts judge a network's effects.
  const judged = sessions.length === 1 ? counts.filter((count) => 2 * count <= promptsPerBlock).at(-1) : undefined;
  return counts.map((count) => {
    const drawn = count === promptsPerBlock ? 1 : draws;
    const choices = Array.from({ length: drawn }, (_, draw) =>
      tasks.map((task, t): Choice => {
        const runs = runsOf(design, task, sessions);
        const orders = runs.map(({ blocks }) => blocks.map(({ rows }) => stream.shuffled(rows)));
        const part = (from: number) => selectionOf(runs, (run, block) => orders[run][block].slice(from, from + count));
        const other = 2 * count <= promptsPerBlock ? part(count) : undefined;
        return { task: t, draw, own: part(0), other, ...(count === judged && { leftOut: other }) };
      }),
    ).flat();
    return { ...pointOf(design), varied: 'prompts', promptsPerBlock: count, draws: drawn, choices };
  });
}

/** Fewer and fewer sessions; those that leave one out say what it shows of their networks. */
export function sessionPoints(design: RecordedDesign, draws: number, stream: RandomStream): ChoicePoint[] {
  const { tasks, sessions } = design;
  return Array.from({ length: sessions.length - 1 }, (_, i) => {
    const count = i + 1;
    const groups =
      count === sessions.length - 1
        ? sessions.map((out) => sessions.filter((session) => session !== out))
        : groupsOf(sessions, count, draws, stream);
    const choices = groups.flatMap((group, draw) =>
      tasks.map((task, t): Choice => {
        const others = sessions.filter((session) => !group.includes(session));
        const of = (some: readonly number[]) => selectionOf(runsOf(design, task, some));
        return {
          ...{ task: t, draw, own: of(group) },
          ...(others.length >= count && { other: of(others.slice(0, count)) }),
          ...(others.length === 1 && { leftOut: of(others) }),
        };
      }),
    );
    return { ...pointOf(design), varied: 'sessions', sessions: count, draws: groups.length, choices };
  });
}

/** The first tokens of all prompts. */
export function tokenPoints(design: RecordedDesign, counts: readonly number[]): ChoicePoint[] {
  const { tasks, sessions } = design;
  return counts.map((tokens) => ({
    ...pointOf(design),
    varied: 'tokens',
    tokens,
    choices: tasks.map((task, t) => ({ task: t, draw: 0, own: selectionOf(runsOf(design, task, sessions)) })),
  }));
}

const pointOf = ({ promptsPerBlock, sessions }: RecordedDesign) => ({
  ...{ promptsPerBlock, sessions: sessions.length, tokens: Number.POSITIVE_INFINITY, draws: 1 },
});

function runsOf({ runs }: RecordedDesign, task: string, sessions: readonly number[]): RunBlocks[] {
  return runs.filter((run) => run.task === task && sessions.includes(run.session));
}

function selectionOf(
  runs: readonly RunBlocks[],
  chosen: (run: number, block: number) => readonly number[] = (run, block) => runs[run].blocks[block].rows,
): PromptSelection {
  const prompts = runs.flatMap(({ blocks }, run) =>
    blocks.flatMap(({ isTask }, block) => chosen(run, block).map((row) => ({ row, run, isOn: isTask ? 1 : 0 }))),
  );
  return {
    rows: Int32Array.from(prompts, ({ row }) => row),
    runs: Int32Array.from(prompts, ({ run }) => run),
    isOn: Uint8Array.from(prompts, ({ isOn }) => isOn),
  };
}

/** All groups of so many sessions, or some drawn at random where there are more. */
function groupsOf(sessions: readonly number[], size: number, most: number, stream: RandomStream): number[][] {
  let all = 1;
  for (let i = 1; i <= size; i++) all *= (sessions.length - size + i) / i;
  if (Math.round(all) <= Math.max(most, 10)) return combinations(sessions, size);
  return Array.from({ length: most }, () => stream.shuffled(sessions).slice(0, size));
}

function combinations(items: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => combinations(items.slice(i + 1), size - 1).map((others) => [item, ...others]));
}
