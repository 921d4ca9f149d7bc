import { readFileSync } from 'node:fs';
import { UserMistake } from '@galvani/terminal';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowInterventions, type UnitChange } from '../../src/forward/interventions.js';
import { loadSubject } from '../../src/load-subject.js';
import type { Subject } from '../../src/subject.js';
import { referenceModels } from '../reference.js';

interface Hooked {
  changes: (UnitChange & { site: string; units: number[] })[];
  text: number[];
  /** Log probabilities of the text's tokens from the second on, by the site that is changed. */
  alone: Record<string, number[]>;
  all: number[];
  prompt: number[];
  generated: number[];
  chosen: number[];
}

/** What PyTorch computes with forward hooks (make_interventions.py). */
const hooked: Record<string, Hooked> = JSON.parse(
  readFileSync(new URL('../fixtures/interventions.json', import.meta.url), 'utf8'),
);

const greedy = { method: 'greedy' } as const;

/** Log probabilities of each text's tokens from the second on, under changes of its own. */
async function readUnder(subject: Subject, texts: Int32Array[], rows?: UnitChange[][]): Promise<number[][]> {
  const out: number[][] = texts.map(() => []);
  await subject.read({
    texts,
    interventions: rows && rowInterventions(subject.intervened, rows),
    onPassage: ({ text, logProbabilities }) => {
      out[text].push(...logProbabilities);
    },
  });
  return out.map((own) => own.slice(1));
}

/** Largest difference of log probabilities, relative to their size, from 1 nat on. */
const differenceOf = (found: readonly number[], expected: readonly number[]) =>
  Math.max(...found.map((value, i) => Math.abs(value - expected[i]) / Math.max(1, Math.abs(expected[i]))));

describe.each(Object.keys(hooked))('%s', (name) => {
  const { changes, text, alone, all, prompt, generated, chosen } = hooked[name];
  const ids = Int32Array.from(text);
  let subject: Subject;
  beforeAll(async () => {
    subject = await loadSubject(referenceModels[name], { interventions: {} });
  });
  afterAll(() => subject.release());

  test('each site changed alone, in one batch, and all of them, read as PyTorch with hooks reads', async () => {
    const rows: UnitChange[][] = [...changes.map((change) => [change]), changes, []];
    const found = await readUnder(
      subject,
      rows.map(() => ids),
      rows,
    );
    for (const [k, { site }] of changes.entries()) expect(differenceOf(found[k], alone[site]), site).toBeLessThan(1e-4);
    expect(differenceOf(found[changes.length], all)).toBeLessThan(1e-4);
    // Untouched rows, in a batch of the same size, since products of other sizes are rounded otherwise.
    const untouched = await readUnder(
      subject,
      rows.map(() => ids),
    );
    expect(found.at(-1)).toEqual(untouched.at(-1));
    const plain = await loadSubject(referenceModels[name]);
    expect(untouched).toEqual(
      await readUnder(
        plain,
        rows.map(() => ids),
      ),
    );
    await plain.release();
  });

  test('with all sites changed it generates what PyTorch with hooks generates', async () => {
    const rows = rowInterventions(subject.intervened, [changes, []]);
    const prompts = [Int32Array.from(prompt), Int32Array.from(prompt)];
    const made = await subject.generate({ prompts, newTokens: 5, sampling: greedy, interventions: rows });
    expect([...made.tokens[0]]).toEqual(generated);
    expect(differenceOf([...made.logProbabilities[0]], chosen)).toBeLessThan(1e-4);
    const untouched = await subject.generate({ prompts, newTokens: 5, sampling: greedy });
    expect(made.tokens[1]).toEqual(untouched.tokens[0]);
    expect(made.logProbabilities[1]).toEqual(untouched.logProbabilities[0]);
  });
});

test('what is recorded of a site is what the intervention made of it, and no intervention changes no bit', async () => {
  const site = 'model.decoder.layers.0.activation_fn';
  const [patched, plain] = await Promise.all([
    loadSubject(referenceModels['opt-relu'], { interventions: { include: [site] } }),
    loadSubject(referenceModels['opt-relu']),
  ]);
  const prompts = [Int32Array.of(5, 9, 4)];
  const record = async (subject: Subject, rows?: UnitChange[][]) => {
    const out = new Map<string, Uint32Array>();
    const interventions = rows && rowInterventions(subject.intervened, rows);
    await subject.generate({
      ...{ prompts, newTokens: 2, sampling: greedy, interventions },
      onStep({ position, sites }) {
        for (const [name, values] of sites) out.set(`${position} ${name}`, new Uint32Array(values.slice().buffer));
      },
    });
    return out;
  };
  expect(await record(patched)).toEqual(await record(plain));
  const clamped = await record(patched, [[{ site, units: [2, 3], scale: 0, offset: [7, -0.5] }]]);
  expect([...new Float32Array(clamped.get(`1 ${site}`)!.buffer).slice(2, 4)]).toEqual([7, -0.5]);
  await patched.release();
  await plain.release();
});

test('a site that the subject was not loaded for, and a unit that is not there, are told', async () => {
  const site = 'model.decoder.layers.0.fc1';
  const subject = await loadSubject(referenceModels['opt-relu'], { interventions: { include: [site] } });
  const of = (change: UnitChange) => () => rowInterventions(subject.intervened, [[change]]);
  expect(of({ site: 'model.decoder.layers.0.fc2', units: [0] })).toThrow(UserMistake);
  expect(of({ site, units: [0, 1], scale: [0] })).toThrow(RangeError);
  expect(of({ site, units: [0], offset: 1e39 })).toThrow(RangeError);
  expect(of({ site, units: [100_000] })).toThrow(/has the units 0 to \d+, and unit 100000 is to be changed/);
  await subject.release();
});
