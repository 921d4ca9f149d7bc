import { UserMistake } from '@galvani/terminal';
import { expect, test } from 'vitest';
import { rowInterventions, type UnitChange } from '../../src/forward/interventions.js';
import { loadSubject } from '../../src/load-subject.js';
import type { Subject } from '../../src/subject.js';
import { greedy } from '../recording.js';
import { referenceModels } from '../reference.js';

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
