import { extname, resolve } from 'node:path';
import { requireWritableFile, withClaims } from '@galvani/artifact';
import type { ReplayedRun, ReplayFormat } from '@galvani/replay';
import { readParameters, type StudyFolder, studyFolder } from '@galvani/study';
import {
  answer,
  answerFacts,
  formatCount,
  interruptible,
  note,
  outputMode,
  UserMistake,
  warn,
} from '@galvani/terminal';
import { Command, Option } from 'commander';
import { unitNumbers } from './number-option.js';
import { checkRun, derivativesDefault, withStudyIn } from './study-argument.js';

interface ReplayOptions {
  site: string[];
  unit?: number[];
  run?: string;
  out?: string;
  format?: ReplayFormat;
  derivatives?: string;
}

/** What a replay is worth, as `--json` has it. */
interface ComparedReplay {
  /** `kept`: nothing had to be run. */
  runs: { run: string; kept: boolean }[];
  rows: number;
  /** Whether every token's is that of the recording, bit for bit. */
  sameLogProbabilities: boolean;
  /** Numbers of each site that were recorded too, and how many of these differ: at most by `largest`, of the site's largest. */
  sites: { site: string; compared: number; different: number; largest: number }[];
}

/** Of means over a prompt's tokens, relative to the largest: they are added up in float32, and stored. */
const rounding = { float32: 1e-5, float16: 1e-5 + 2 ** -11 };

const formats: readonly ReplayFormat[] = ['parquet', 'csv', 'json'];

const about = `
The same prompts, batches and sampling as in the recording, with only these sites exposed; a site need not have been recorded. The tokens
have to be those of extract/<run>/tokens.parquet: a difference, as on another kind of processor, is told and ends with exit code 1.
Where activations of the units were recorded they are compared, bit for bit; with extraction.keep: prompts, their means over prompts. What was replayed is kept in the study's
folder replay, unless nothing can be written there: the units that were asked for, beside those of earlier replays, and of a narrow site all.

A row is a token: run, prompt, position, token_id, token, after_end, and a column <site>.<unit> for each unit.`;

/** Recorded runs played again for a few sites. */
export function replayCommand(): Command {
  return new Command('replay')
    .description("a site's activations at every token of a recorded study, kept or not: its prompts are run again")
    .argument('<study>', 'study.yaml of a study that was recorded, or the folder that holds it')
    .requiredOption('--site <name...>', 'which site; several are replayed at once (galvani sites lists them)')
    .option('--unit <numbers>', 'only these units of it, from 0, such as 7 or 5,7,10-20 (default: all)', unitNumbers)
    .option('--run <name>', 'one run alone (default: all)')
    .option('--out <file>', 'the file to write: .parquet, .csv or .json (default: the first rows on the terminal)')
    .addOption(new Option('--format <name>', 'what is written (default: by the ending of --out)').choices(formats))
    .option('--derivatives <folder>', `the study's derivatives (${derivativesDefault})`)
    .addHelpText('after', about)
    .action(async (named: string, options: ReplayOptions) => {
      const { site: sites, unit: units, run, out, derivatives } = options;
      const format = await checkedFormat(options);
      const { replayHead, replaySites, replayTable, replayText, writeReplayTable } = await import('@galvani/replay');
      await interruptible(
        (signal) =>
          withStudyIn(named, derivatives, signal, async (planned, both) => {
            checkRun(planned, run);
            const folder = studyFolder(planned.study, planned.root);
            const runs = run === undefined ? planned.runs : [run];
            const read = ['design', ...runs.map((name) => `extract/${name}`)];
            await withClaims(folder, { read }, both, async (held) => {
              const asked = sites.map((site) => ({ site, units }));
              const replayed = await replaySites({ folder, root: planned.root, sites: asked, runs, signal: held });
              const compared = await tellComparison(folder, replayed, held);
              answerFacts({ study: planned.name, ...compared });
              if (out === undefined && format === undefined) {
                answer((await replayHead(replayed, units)).join('\n'));
                return;
              }
              const table = await replayTable(replayed, format!, units);
              if (out === undefined) {
                for (const piece of replayText(table, format as 'csv' | 'json')) answer(piece.replace(/\n$/, ''));
                return;
              }
              await writeReplayTable(out, table, format!);
              const columns = table.columns.length - 6;
              answer(
                `${out}: ${formatCount(table.rows)} rows, ${formatCount(columns)} ${columns === 1 ? 'unit' : 'units'}`,
                { file: resolve(out), units: columns },
              );
            });
          }),
        'runs that were replayed are kept',
      );
    });
}

/** What is to be written; undefined: what a person reads. @throws UserMistake */
async function checkedFormat({ out, format }: ReplayOptions): Promise<ReplayFormat | undefined> {
  if (out === undefined) {
    if (outputMode().json && format !== undefined)
      throw new UserMistake('--json says what was replayed, and rows go into a file: name it, as in --out units.csv.');
    if (format === 'parquet')
      throw new UserMistake('a Parquet table cannot be printed: name its file, as in --out units.parquet.');
    return format;
  }
  const ending = extname(out).slice(1).toLowerCase();
  const chosen = format ?? formats.find((each) => each === ending);
  if (chosen === undefined)
    throw new UserMistake(
      `--out ${out} does not say by its ending what to write: name it .parquet, .csv or .json, or add --format.`,
    );
  await requireWritableFile(out, `.${chosen}`);
  return chosen;
}

/** Says what the rows are worth: whether tokens, log probabilities and, where they were recorded, activations are the same. */
async function tellComparison(
  folder: StudyFolder,
  replayed: readonly ReplayedRun[],
  signal: AbortSignal,
): Promise<ComparedReplay> {
  const { compareWithRecording } = await import('@galvani/replay');
  const [{ sites }] = replayed;
  const rows = replayed.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const runs = `${formatCount(replayed.length)} ${replayed.length === 1 ? 'run' : 'runs'}`;
  const from = replayed.every(({ kept }) => kept) ? `, taken from ${folder.root}/replay` : '';
  const exact = replayed.every(({ sameProbabilities }) => sameProbabilities === true);
  const { mode, storage } = await readParameters(folder, 'extract');
  const same = exact ? ', and so are their log probabilities, bit for bit' : '';
  note(
    `replay: ${runs}, ${formatCount(rows)} rows${from}: the tokens are those ${mode === 'read' ? 'read' : 'generated'} in the recording${same}`,
  );
  if (replayed.some(({ sameProbabilities }) => sameProbabilities === false))
    warn(
      'log probabilities differ from the recording in their last digits: the processor, or the code, is another one, and so may activations.',
    );
  const compared: ComparedReplay = {
    ...{ runs: replayed.map(({ run, kept }) => ({ run, kept })), rows, sameLogProbabilities: exact, sites: [] },
  };
  for (const { name } of sites) {
    const found = [];
    for (const run of replayed) {
      const own = await compareWithRecording(folder, run, name, signal);
      if (own) found.push(own);
    }
    const different = found.filter((own) => own.different > 0);
    const largest = Math.max(0, ...different.map((own) => own.largest));
    const far = `by at most ${largest.toExponential(1)} of the site's largest`;
    const numbers = found.reduce((sum, own) => sum + own.numbers, 0);
    const unequal = different.reduce((sum, own) => sum + own.different, 0);
    compared.sites.push({ site: name, compared: numbers, different: unequal, largest });
    if (found.length === 0) note(`replay: ${name}: no activations of it were kept, so there are none to compare with`);
    else if (different.length === 0)
      note(`replay: ${name}: all ${formatCount(numbers)} numbers equal the recorded activations, bit for bit`);
    else if (found[0].of === 'prompts' && largest < rounding[storage])
      note(`replay: ${name}: means over prompts' tokens are the recorded ones to rounding (they differ ${far})`);
    else
      warn(
        `${name}: ${formatCount(unequal)} of ${formatCount(numbers)} numbers differ from the recorded activations, ${far}; the first in ${different[0].run}.`,
      );
  }
  return compared;
}
