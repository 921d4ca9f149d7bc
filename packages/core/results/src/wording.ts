import { openActivationFile, wordingTokenTable } from '@galvani/artifact';
import type { Run } from '@galvani/pipeline';
import { advised, Failure } from '@galvani/terminal';
import type { StudyFiles } from './study-files.js';

/** What prompts are before the model does anything with them. */
export interface Wording {
  /** Token ids of each prompt, by run in the order of the study's runs, then by prompt. */
  tokens: Int32Array[][];
  /** Means over each prompt's tokens of the token embedding's table, [prompts of all runs x width]; undefined where the model has no known table. */
  embeddings?: { values: Float32Array; width: number };
}

/**
 * @param withEmbeddings whether the stage wrote them
 * @throws Failure where the two files are not of the same prompts, or not of these runs
 */
export async function readWording(files: StudyFiles, runs: readonly Run[], withEmbeddings: boolean): Promise<Wording> {
  const byRun = new Map<string, number[][]>(runs.map(({ name }) => [name, []]));
  for (const { run, prompt, token_id, of_template } of await wordingTokenTable.read(
    await files.open('wording/tokens.parquet'),
  )) {
    const prompts = byRun.get(run);
    if (!prompts) throw new Failure(`wording has tokens of ${run}, which is no run: ${again()}`);
    if (prompt === prompts.length) prompts.push([]);
    if (prompt !== prompts.length - 1)
      throw new Failure(`wording: the prompts of ${run} are not in their order: ${again()}`);
    if (!of_template) prompts[prompt].push(token_id);
  }
  const tokens = [...byRun.values()].map((prompts) => prompts.map((ids) => Int32Array.from(ids)));
  const missing = tokens.findIndex((prompts) => prompts.length === 0);
  if (missing >= 0) throw new Failure(`wording has no tokens of ${runs[missing].name}: ${again()}`);
  if (!withEmbeddings) return { tokens };
  return { tokens, embeddings: await readEmbeddings(files, tokens.flat().length) };
}

const again = () => `run ${advised('wording', 'wording')} again.`;

async function readEmbeddings(files: StudyFiles, prompts: number): Promise<Wording['embeddings']> {
  const file = await openActivationFile(await files.open('wording/embeddings.arrow'));
  try {
    const [{ width }] = file.columns;
    const values = new Float32Array(prompts * width);
    let rows = 0;
    for await (const batch of file.batches()) {
      if (rows + batch.rows <= prompts) values.set(batch.values[0], rows * width);
      rows += batch.rows;
    }
    if (rows !== prompts)
      throw new Failure(`wording has ${rows} input embeddings and the tokens of ${prompts} prompts: ${again()}`);
    return { values, width };
  } finally {
    await file.close();
  }
}
