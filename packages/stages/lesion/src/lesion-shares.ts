import { join } from 'node:path';
import { readArrayFile, writeArrayFile } from '@galvani/artifact';
import type { LossSubject } from '@galvani/model';
import { type OpenShare, openShares, piecesOf, studyFolder, writeShare } from '@galvani/study';
import type { DividedStage, Share, StageArguments } from '@galvani/terminal';
import { type LesionPlan, readLesionPlan, writeLesionPlan } from './lesion-plan-file.js';
import { lesionTables } from './lesion-results.js';
import { type LesionTexts, lesionTexts, readUnder } from './lesion-texts.js';
import { batchesOf, type MaskBatch, outlineOf, type Reading, readingsOf } from './masks-to-read.js';
import { lossesOf, type MeasuredLosses, readBatches, untouchedLosses } from './measured-losses.js';
import { openLesioned } from './open-lesioned.js';
import { type PreparedLesions, prepareLesions } from './prepared-lesions.js';
import type { TextTokens } from './texts-to-read.js';
import { writeLesions } from './write-lesions.js';

/** What is lesioned and read, the same in every share. */
const planFile = 'plan.arrays';
/** Losses of a share's batches, each [masks x texts], and in the first share those of the untouched model. */
const lossFile = 'losses.arrays';
const untouchedName = 'untouched';

/** The stage by shares of its masks. Masks are read in the same batches as ever, and so give the same bits. */
export const dividedLesions: DividedStage = {
  async doShares(args, shares) {
    const prepared = await prepareLesions(args);
    const subject = await openLesioned(prepared);
    try {
      const texts = subject && (await lesionTexts(subject, prepared.sources, args.signal));
      for (const share of shares) await doShare(args, share, prepared, subject, texts ?? noTexts);
    } finally {
      await subject?.release();
    }
  },

  async joinShares({ study, root, signal }, of) {
    const folder = studyFolder(study, root);
    const shares = await openShares(folder, 'lesion', of, { same: [planFile], signal });
    const [{ path, manifest }] = shares;
    const planned = await readLesionPlan(join(path, planFile));
    const { plan, parameters, inputs } = manifest;
    const { lesions, texts } = planned;
    const read = texts.tokens.length > 0;
    const tables = read
      ? lesionTables(await joinedLosses(shares, planned), texts, parameters.seed as number)
      : undefined;
    await writeLesions(folder, tables, { plan, parameters, inputs, lesions: lesions.length });
  },
};

/** Of a model in which nothing can be lesioned. */
const noTexts: LesionTexts<TextTokens> = { texts: [], pairs: [], tokens: [] };

async function doShare(
  { study, root, signal }: StageArguments,
  share: Share,
  { lesions, record }: PreparedLesions,
  subject: LossSubject | undefined,
  texts: LesionTexts<TextTokens>,
): Promise<void> {
  const planned = { lesions: lesions.map(outlineOf), texts };
  const { readings, batches } = masksOf(planned);
  const { from, until } = piecesOf(share, batches.length);
  await writeShare(studyFolder(study, root), 'lesion', share, async (place) => {
    const arrays = new Map<string, Float64Array>();
    if (subject && share.number === 1) arrays.set(untouchedName, await untouchedLosses(subject, texts.tokens, signal));
    if (subject && from < until) {
      const found = await readBatches(subject, lesions, texts.tokens, readings, batches.slice(from, until), signal);
      for (const [k, losses] of found.entries()) arrays.set(String(from + k), joinedRows(losses));
    }
    await writeLesionPlan(place(planFile), planned);
    await writeArrayFile(place(lossFile), { facts: {}, arrays });
    return record;
  });
}

/** Where there are no texts no mask is read. */
function masksOf({ lesions, texts }: LesionPlan): { readings: Reading[]; batches: MaskBatch[] } {
  const readings = readingsOf(lesions, texts.tokens.length, readUnder(texts));
  return { readings, batches: texts.tokens.length === 0 ? [] : batchesOf(readings) };
}

async function joinedLosses(shares: readonly OpenShare[], planned: LesionPlan): Promise<MeasuredLosses> {
  const found = new Map<string, Float64Array>();
  for (const { path } of shares)
    for (const [name, values] of (await readArrayFile(join(path, lossFile))).arrays)
      found.set(name, values as Float64Array);
  const { readings, batches } = masksOf(planned);
  const losses = batches.map(({ reading, count }, b) => rowsOf(found.get(String(b))!, count, readings[reading]));
  const texts = planned.texts.tokens.length;
  return { untouched: found.get(untouchedName)!, lesions: lossesOf(planned.lesions, readings, losses, texts) };
}

function joinedRows(rows: readonly Float64Array[]): Float64Array {
  const width = rows[0].length;
  const joined = new Float64Array(rows.length * width);
  for (const [r, row] of rows.entries()) joined.set(row, r * width);
  return joined;
}

const rowsOf = (joined: Float64Array, count: number, { texts }: Reading): Float64Array[] =>
  Array.from({ length: count }, (_, r) => joined.subarray(r * texts.length, (r + 1) * texts.length));
