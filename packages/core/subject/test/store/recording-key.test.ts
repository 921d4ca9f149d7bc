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
  const folders = ['core', 'stages'].flatMap((family) =>
    readdirSync(new URL(`${family}/`, packages)).map((name) => `${family}/${name}`),
  );
  const used = new Set(['stages/extract']);
  for (const folder of used) {
    const { dependencies = {} } = JSON.parse(readFileSync(new URL(`${folder}/package.json`, packages), 'utf8'));
    for (const name of Object.keys(dependencies).filter((each) => each.startsWith('@galvani/')))
      used.add(folders.find((each) => each.endsWith(`/${name.slice('@galvani/'.length)}`))!);
  }
  // What they decide is in the plan, and so in the key, or is shown and not recorded, or is that nothing is.
  for (const folder of ['core/study', 'core/pipeline', 'core/terminal', 'core/forecast']) used.delete(folder);
  expect([...used].sort()).toEqual([...recordingPackages].sort());
});
