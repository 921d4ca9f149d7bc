import { readdirSync, readFileSync } from 'node:fs';
import { recordingPackages } from '@galvani/code';
import { expect, test } from 'vitest';
import { type RecordingIdentity, recordingKey } from '../../src/store/recording-key.js';

const identity: RecordingIdentity = {
  model: 'a'.repeat(64),
  events: [
    { prompt_id: 'p', text: 'one' },
    { prompt_id: 'q', text: 'two' },
  ],
  sites: [{ site: 's', kind: 'linear', width: 3, layer: 'block-00' }],
  newTokens: 16,
  sampling: { method: 'sample', temperature: 0.8, seed: '1' },
  storage: 'float32',
  device: 'cpu',
  batch: 18,
};

test('all that decides a recording’s bytes is in its key, and nothing else', async () => {
  const key = await recordingKey(identity);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  const others: Partial<RecordingIdentity>[] = [
    { model: 'b'.repeat(64) },
    { events: identity.events.toReversed() },
    { events: [{ prompt_id: 'p', text: 'one' }] },
    { events: [{ prompt_id: 'p', text: 'One' }, identity.events[1]] },
    { sites: [{ ...identity.sites[0], width: 4 }] },
    { newTokens: 17 },
    { sampling: { method: 'greedy' } },
    { sampling: { method: 'sample', temperature: 0.8, seed: '2' } },
    { sampling: { method: 'sample', temperature: 0.8, topK: 5, seed: '1' } },
    { storage: 'float16' },
    { device: 'cuda' },
    { batch: 17 },
  ];
  const keys = await Promise.all(others.map((other) => recordingKey({ ...identity, ...other })));
  expect(new Set([key, ...keys]).size).toBe(others.length + 1);
  // Blocks, tasks and runs may change: the recording of the same prompts is the same.
  const events = identity.events.map((event) => ({ ...event, run: 'other', block: 3 }));
  expect(await recordingKey({ ...identity, events })).toBe(key);
});

test('the code in the key is that of every package that recording uses', () => {
  const packages = new URL('../../../../', import.meta.url);
  const manifests = ['core', 'stages'].flatMap((family) =>
    readdirSync(new URL(`${family}/`, packages)).map((name) =>
      JSON.parse(readFileSync(new URL(`${family}/${name}/package.json`, packages), 'utf8')),
    ),
  );
  const used = new Set(['@galvani/extract']);
  for (const name of used) {
    const { dependencies = {} } = manifests.find((each) => each.name === name);
    for (const each of Object.keys(dependencies)) if (each.startsWith('@galvani/')) used.add(each);
  }
  // What they decide is in the plan, and so in the key, or is shown and not recorded, or is that nothing is.
  for (const name of ['study', 'pipeline', 'terminal', 'forecast', 'frog']) used.delete(`@galvani/${name}`);
  expect([...used].sort()).toEqual([...recordingPackages].sort());
});
