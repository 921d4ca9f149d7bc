import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { partsAtWork, withClaims } from '@galvani/artifact';
import { describeSubject, openModelTokenizer, type Subject } from '@galvani/model';
import { readParameters } from '@galvani/study';
import { openStore } from '@galvani/subject';
import { expect, test } from 'vitest';
import { withCompanions } from '../src/companions.js';
import { recordingRequest } from '../src/recording-request.js';
import { event, spell, tinyStudy } from './tiny-study.js';

test('a run that has no place in the store is not held from whoever records it', async () => {
  const runs = ['one', 'two', 'three'];
  const study = await tinyStudy(Object.fromEntries(runs.map((run, r) => [run, [event(run, 0, spell([5 + r]))]])));
  try {
    const asked = await readParameters(study.folder, 'extract');
    const description = await describeSubject(study.model);
    const tokenizer = await openModelTokenizer(study.model);
    const subject = { ...description, tokenizer } as unknown as Subject;
    const model = { sha256: 'm', digest: 'm', description };
    const requestOf = (run: string) => recordingRequest(study.folder, run, asked, model, {});
    // A file in its place: nothing can be made there.
    await writeFile(join(study.root, 'file'), '');
    const store = openStore(join(study.root, 'file/store'), () => undefined);
    const surroundings = {
      ...{ folder: study.folder, stage: 'extract' as const, plan: {}, asked, store, requestOf },
      ...{ signal: new AbortController().signal, following: ['two', 'three'] },
      alone: <T>(work: () => Promise<T>) => work(),
    };
    const request = await requestOf('one');
    const own = { request, target: '', presented: [{ tokens: Int32Array.of(5), from: 0, until: 1 }] };
    await withClaims(study.folder, { write: ['extract/one'] }, undefined, () =>
      withCompanions(own, subject, surroundings, async (companions) => {
        expect(companions).toEqual([]);
        expect(partsAtWork(join(study.folder.root, '.claims')).map(({ part }) => part)).toEqual(['extract/one']);
      }),
    );
  } finally {
    await study.remove();
  }
});
