import { type SteerSample, steerDecoderTable, steerSampleTable, steerTable } from '@galvani/artifact';
import { openLossSubject, type UnitChange } from '@galvani/model';
import { replaceStage, studyFolder } from '@galvani/study';
import { modelInputs, presentPrompts } from '@galvani/subject';
import { formatCount, type StageArguments, say, startProgress } from '@galvani/terminal';
import { changesAt, type TaskDirections } from './directions.js';
import { type PreparedSteering, prepareSteering } from './prepared-steering.js';
import { type RestTexts, restTexts } from './rest-texts.js';
import { type Steered, type SteeredTask, steerRows } from './steer-rows.js';
import { steerSentences } from './steer-sentences.js';
import { steeredTexts, type Written } from './steered-texts.js';

/** Openings of which all texts are kept. */
const samples = 3;

/** A direction at a strength: `random` is -1 for the network. */
interface Condition {
  of: TaskDirections;
  strength: number;
  random: number;
  changes: UnitChange[];
}

/**
 * The steer stage: maps, recordings, unseen rest prompts and the model -> steer/{shift,decoder,samples}.parquet.
 * @throws UserMistake as `prepareSteering`
 */
export async function steerStage({ study, root, signal }: StageArguments): Promise<void> {
  const folder = studyFolder(study, root);
  const prepared = await prepareSteering(folder, root, signal);
  const { asked, rule, design, extract, results, model, directions, decoder, banks, bank, shown } = prepared;
  const texts = restTexts(bank, design.restTopics, shown, { most: asked.prompts, seed: asked.seed });
  const strengths = [...new Set(asked.strengths)].sort((a, b) => a - b);
  const conditions = directions.flatMap((of) =>
    strengths
      .filter((strength) => strength !== 0)
      .flatMap((strength) =>
        [of.network, ...of.random].map(
          (direction, d): Condition => ({ of, strength, random: d - 1, changes: changesAt(direction, strength) }),
        ),
      ),
  );
  const { cells, kept } =
    conditions.length === 0 ? { cells: [], kept: [] } : await steer(prepared, texts, strengths, conditions, signal);
  const shift = cells.length === 0 ? [] : steerRows(cells, asked.seed);
  const own = await modelInputs(extract.model, model.path, folder);
  await replaceStage(folder, 'steer', async (place) => {
    await steerTable.write(place('shift.parquet'), shift);
    await steerDecoderTable.write(
      place('decoder.parquet'),
      decoder.heldOut.map((each) => ({ ...each, topics: decoder.topics.length })),
    );
    await steerSampleTable.write(place('samples.parquet'), kept);
    const parameters = { ...asked, networks: rule, model: { ...extract.model, sha256: model.sha256 } };
    return {
      plan: results.plan,
      parameters,
      inputs: { ...results.inputs, ...banks, ...own },
      facts: { directions: conditions.length },
    };
  });
  if (shift.length === 0)
    say('steer: no network has members in these sites, or no strength is other than 0, so nothing was steered.');
  for (const sentence of steerSentences(shift, decoder.heldOut)) say(`steer: ${sentence}`);
}

/** Generates and reads under all conditions. */
async function steer(
  prepared: PreparedSteering,
  { openings, read }: RestTexts,
  strengths: readonly number[],
  conditions: readonly Condition[],
  signal: AbortSignal,
): Promise<{ cells: SteeredTask[]; kept: SteerSample[] }> {
  const { asked, decoder, directions } = prepared;
  const changes = [[], ...conditions.map((own) => own.changes)];
  const total = changes.length * openings.length * asked.tokens;
  say(
    `steer: ${formatCount(conditions.length)} directions and strengths, random directions included, of ${formatCount(openings.length)} openings: ${formatCount(total)} tokens to write`,
  );
  const progress = startProgress('steer', total, 'tokens');
  const onTokens = (count: number) => progress.advance(count);
  const asking = { openings, cut: true, changes, newTokens: asked.tokens, signal, onTokens };
  const { written, started } = await steeredTexts(prepared, asking).finally(() => progress.finish());
  const readChanges = await readingChanges(prepared, read, changes, signal);
  const probabilities = written.map(({ tokens }) => decoder.probabilities(tokens));
  const steered = (c: number, task: string): Steered => ({
    probability: Float64Array.from(probabilities[c], (own) => own[decoder.topics.indexOf(task)]),
    textLoss: written[c].losses,
    readChange: readChanges[c],
  });
  const cells: SteeredTask[] = [];
  const kept: SteerSample[] = [];
  for (const of of directions)
    for (const strength of strengths) {
      const { task, units } = of;
      const untouched = steered(0, task);
      const sample = (direction: string, { probability }: Steered, { texts, losses }: Written) => {
        for (const [o, { id }] of openings.slice(0, samples).entries())
          kept.push({
            ...{ task, strength, direction, prompt_id: id, opening: started[o] },
            ...{ text: texts[o], probability: probability[o], loss: losses[o] },
          });
      };
      const own = conditions.flatMap((each, c) => (each.of === of && each.strength === strength ? [c + 1] : []));
      const [network, ...random] = own.length === 0 ? [untouched] : own.map((c) => steered(c, task));
      cells.push({ task, strength, units, network, random, untouched: untouched.probability });
      sample('network', network, written[own[0] ?? 0]);
      if (random.length > 0) sample('random', random[0], written[own[1]]);
    }
  return { cells, kept };
}

/** Mean change of the loss of texts under each list of changes, of which the first is empty. */
async function readingChanges(
  { path, extract, directions }: PreparedSteering,
  texts: readonly { id: string; text: string }[],
  changes: readonly UnitChange[][],
  signal: AbortSignal,
): Promise<Float64Array> {
  const sites = [...new Set(directions.flatMap(({ network }) => network.map(({ site }) => site)))];
  const subject = await openLossSubject(path, { interventions: { include: sites }, device: extract.device });
  try {
    const named = texts.map(({ id, text }) => ({ prompt_id: id, text }));
    const presented = await presentPrompts(named, subject, 0, { presentation: extract, signal });
    // What follows a prompt in a template is the same for all, and not read.
    const read = presented.filter(({ until }) => until > 1);
    const encoded = read.map(({ tokens, until }) => tokens.slice(0, until));
    const scoredFrom = read.map(({ from }) => Math.max(1, from));
    const progress = startProgress(
      'steer: reading',
      changes.length * encoded.reduce((s, t) => s + t.length, 0),
      'tokens',
    );
    const losses = await subject
      .losses({ texts: encoded, scoredFrom, changes, signal, onTokens: (count) => progress.advance(count) })
      .finally(() => progress.finish());
    const means = losses.map((own) => own.reduce((sum, loss) => sum + loss, 0) / own.length);
    return Float64Array.from(means, (own) => own - means[0]);
  } finally {
    await subject.release();
  }
}
