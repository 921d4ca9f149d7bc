import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readManifest, type Token, tokenTable } from '@galvani/artifact';
import { type StageParameters, tokensPath } from '@galvani/study';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { extractStage } from '../src/extract-stage.js';
import { event, plan, readRun, referenceEvents, spell, type TinyStudy, targetOf, tinyStudy } from './tiny-study.js';

const onnx = fileURLToPath(
  new URL('../../../core/model/test/onnx-import/fixtures/opt-past/model.onnx', import.meta.url),
);
const runs = ['ses-01_task-a', 'ses-02_task-a'];
let study: TinyStudy;
let warned: string;

beforeEach(async () => {
  warned = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    warned += text;
    return true;
  });
  const more = [10, 11, 12, 13].map((id, p) => event(runs[1], p, spell([id, id + 1, ...Array(p * 7).fill(id)])));
  study = await tinyStudy({ [runs[0]]: referenceEvents(runs[0]), [runs[1]]: more });
  vi.stubEnv('GALVANI_STORE', study.store);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await study.remove();
});

/** Many tokens end a text, so that texts end at different places. */
const endTokens = Array.from({ length: 24 }, (_, i) => 2 + 4 * i);
const ending = (ids: number[]) =>
  writeFile(join(study.model, 'generation_config.json'), JSON.stringify({ eos_token_id: ids }));

interface Recorded {
  sites: Map<string, number[]>;
  tokens: Token[];
  facts: Record<string, unknown>;
}

async function recorded(extraction: Partial<StageParameters['extract']>): Promise<Recorded[]> {
  await plan(study.folder, runs, { sampling: { method: 'sample', temperature: 1.2 }, ...extraction });
  await extractStage({ study: study.folder.root, root: study.root, signal: new AbortController().signal });
  return Promise.all(
    runs.map(async (run) => ({
      sites: await readRun(study, run),
      tokens: await tokenTable.read(tokensPath(study.folder, run)),
      facts: (await readManifest(targetOf(study, run)))!.facts,
    })),
  );
}

const extractions: Record<string, Partial<StageParameters['extract']>> = {
  'runs in one batch': {},
  'two prompts at once': { batch: 2 },
  float16: { storage: 'float16' },
  'an ONNX file': { model: { path: 'model/model.onnx' } },
};

test.each(Object.entries(extractions))(
  'where the model stops, the rows are those before the ends, bit for bit: %s',
  async (name, asked) => {
    if (name === 'an ONNX file') await copyFile(onnx, join(study.model, 'model.onnx'));
    await ending(endTokens);
    const gone = await recorded(asked);
    const stopped = await recorded({ ...asked, stopAtEnd: true });
    expect(gone.flatMap(({ tokens }) => tokens.filter((token) => token.after_end)).length).toBeGreaterThan(5);
    for (const [r, { sites, tokens, facts }] of stopped.entries()) {
      const within = gone[r].tokens.map((token) => !token.after_end);
      expect(tokens).toEqual(gone[r].tokens.filter((_, row) => within[row]));
      expect(new Set(tokens.map(({ prompt }) => prompt)).size).toBe(facts.prompts);
      expect(facts).toMatchObject({ rows: tokens.length, afterEnd: 0 });
      for (const [site, values] of gone[r].sites) {
        const width = values.length / within.length;
        expect(sites.get(site), site).toEqual(values.filter((_, i) => within[Math.floor(i / width)]));
      }
    }
  },
);

test.each(['mean', 'squares'] as const)(
  'of prompts moments are those of the tokens before the ends: %s',
  async (moments) => {
    await ending(endTokens);
    const asked = { keep: 'prompts', moments, afterEnd: 'drop' } as const;
    const gone = await recorded(asked);
    const stopped = await recorded({ ...asked, stopAtEnd: true });
    for (const [r, { sites, tokens }] of stopped.entries()) {
      expect(tokens).toEqual(gone[r].tokens.filter((token) => !token.after_end));
      expect(sites).toEqual(gone[r].sites);
    }
  },
);

test('when every text has ended the model runs no further', async () => {
  await ending(Array.from({ length: 97 }, (_, id) => id));
  for (const keep of ['tokens', 'prompts'] as const) {
    const stopped = await recorded({ stopAtEnd: true, keep, ...(keep === 'prompts' && { afterEnd: 'drop' }) });
    for (const { tokens, facts } of stopped) {
      expect(tokens.map(({ position }) => position)).toEqual(tokens.map(() => 0));
      expect(tokens).toHaveLength(facts.prompts as number);
    }
  }
});

test('who asks a model to stop that names no end token is told', async () => {
  await recorded({ stopAtEnd: true });
  expect(warned).not.toContain('names no token');
  const config = join(study.model, 'config.json');
  await writeFile(config, (await readFile(config, 'utf8')).replace(/"eos_token_id": 2,/, ''));
  await recorded({ stopAtEnd: true });
  expect(warned).toContain(
    'names no token that ends a text (eos_token_id), so extraction.afterEnd: stop stops nothing',
  );
});
