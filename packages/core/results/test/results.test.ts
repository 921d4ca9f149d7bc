import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createActivationFile,
  readManifest,
  requireManifest,
  type WordingToken,
  wordingTokenTable,
} from '@galvani/artifact';
import { openResults, resultsOf, type StudyFiles } from '@galvani/results';
import { readParameters, replaceStage, type StudyFolder } from '@galvani/study';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../../../../test/synthetic-study.js';
import { filesOnDisk } from '../src/study-files.js';

let study: SyntheticStudy;
beforeAll(async () => {
  study = await syntheticStudy({ tasks: ['fossils', 'cells'] });
});
afterAll(() => rm(study.folder.root, { recursive: true, force: true }));

/** Files that only name, size and ranges are known of, as a server gives them. */
function served(asked: string[]): StudyFiles {
  return {
    async open(name) {
      const bytes = await readFile(join(study.folder.root, name));
      asked.push(name);
      return {
        path: `https://example.org/${name}`,
        size: bytes.length,
        read: async (start, length) => new Uint8Array(bytes.subarray(start, start + length)),
        close: async () => undefined,
      };
    },
  };
}

test('a study reads the same from bytes by name and range as from disk', async () => {
  const onDisk = await openResults(study.folder, 'decode');
  const asked: string[] = [];
  const remote = resultsOf(served(asked), onDisk.manifests, onDisk.runs);
  const [run] = onDisk.runs;
  const [here, there] = await Promise.all([onDisk.recording(run), remote.recording(run)]);
  expect(there).toMatchObject({ events: here.events, tokens: here.tokens, layers: here.layers, isTask: here.isTask });
  for (const layer of here.layers) expect(await there.promptMeans(layer)).toEqual(await here.promptMeans(layer));
  expect(asked).toEqual([
    `design/${run.name}.parquet`,
    `extract/${run.name}/tokens.parquet`,
    ...here.layers.map(() => `extract/${run.name}/activations.arrow`),
  ]);
});

test('what has not been made is undefined, and a recording that is not there is told', async () => {
  const { runs } = await openResults(study.folder, 'decode');
  const results = resultsOf(served([]), new Map(), runs);
  expect(results.glm).toBeUndefined();
  expect(await results.tables('networks')).toEqual({});
  expect(await results.events(runs[0])).toBeUndefined();
  await expect(results.map('task-fossils')).rejects.toThrow('glm has no map task-fossils: run galvani glm again.');
  await expect(results.recording(runs[0])).rejects.toThrow(/run galvani extract first/);
});

test('the twin’s recordings have the same events; where a study has none, they are undefined and it is said why', async () => {
  const { folder } = await syntheticStudy({ tasks: ['fossils'], sessions: 1, twin: 'recorded' });
  const without = (await syntheticStudy({ tasks: ['fossils'], sessions: 1, twin: 'absent' })).folder;
  onTestFinished(async () => {
    for (const { root } of [folder, without]) await rm(root, { recursive: true });
  });
  const results = await openBoth(folder);
  const [run] = results.runs;
  const [own, twin] = [await results.recording(run), await results.twin(run)];
  expect(twin).toMatchObject({ run, events: own.events, layers: own.layers, isTask: own.isTask });
  expect(await twin!.promptMeans('final')).not.toEqual(await own.promptMeans('final'));
  expect(results.noTwin).toBeUndefined();
  const none = await openBoth(without);
  expect(await none.twin(none.runs[0])).toBeUndefined();
  expect(none.noTwin).toBe('the study is made up.');
});

/** What the stages that record have written. */
async function openBoth(folder: StudyFolder) {
  const runs = await readParameters(folder, 'runs');
  const names = ['design', ...runs.flatMap(({ name }) => [`extract/${name}`, `twin/${name}`])];
  const manifests = await Promise.all(
    names.map(async (name) => [name, await requireManifest(join(folder.root, name))] as const),
  );
  return resultsOf(filesOnDisk(folder.root), new Map(manifests), runs);
}

test('facts that galvani does not write are refused, with their folder', async () => {
  const { runs, manifests } = await openResults(study.folder, 'decode');
  const name = `extract/${runs[0].name}`;
  const altered = new Map(manifests).set(name, { ...manifests.get(name)!, facts: { layers: 'all' } });
  await expect(resultsOf(served([]), altered, runs).recording(runs[0])).rejects.toThrow(
    `${name}/manifest.json: facts.layers is not as galvani writes it`,
  );
});

test('a file that ends before what it refers to is told by the name it has there', async () => {
  const path = join(study.folder.root, 'cut.json');
  const { runs, manifests } = await openResults(study.folder, 'decode');
  await writeFile(path, 'x');
  const files: StudyFiles = { open: () => served([]).open('cut.json') };
  await expect(resultsOf(files, manifests, runs).recording(runs[0])).rejects.toThrow('https://example.org/cut.json');
});

test('wording is tokens by run and prompt and, where they were written, input embeddings', async () => {
  const { folder } = await syntheticStudy({ tasks: ['fossils', 'cells'], sessions: 1 });
  onTestFinished(() => rm(folder.root, { recursive: true }));
  const runs = await readParameters(folder, 'runs');
  const open = async () => resultsOf(filesOnDisk(folder.root), await manifestsOf(folder), runs).wording();
  expect(await open()).toBeUndefined();
  // Two prompts a run; a prompt p of the run r has 1 + p tokens.
  const rows = runs.flatMap(({ name: run }, r) =>
    [0, 1].flatMap((prompt) =>
      Array.from({ length: 1 + prompt }, (_, position) => ({
        run,
        prompt,
        position,
        token_id: 100 * r + 10 * prompt + position,
        of_template: false,
      })),
    ),
  );
  const values = Float32Array.from({ length: 4 * 3 }, (_, i) => i / 2);
  const tokens = [
    [Int32Array.of(0), Int32Array.of(10, 11)],
    [Int32Array.of(100), Int32Array.of(110, 111)],
  ];
  await writeWording(folder, rows, values);
  expect(await open()).toEqual({ tokens, embeddings: { values, width: 3 } });
  await writeWording(folder, rows);
  expect(await open()).toEqual({ tokens });
  await writeWording(folder, [...rows.slice(0, 1), { ...rows[0], position: 1, of_template: true }, ...rows.slice(1)]);
  expect(await open()).toEqual({ tokens });
  await writeWording(folder, rows, values.subarray(0, 9));
  await expect(open()).rejects.toThrow(/3 input embeddings and the tokens of 4 prompts: run galvani wording again/);
  await writeWording(folder, rows.slice(0, 3));
  await expect(open()).rejects.toThrow(`wording has no tokens of ${runs[1].name}`);
  await writeWording(folder, [{ ...rows[0], run: 'another' }]);
  await expect(open()).rejects.toThrow('wording has tokens of another, which is no run');
  await writeWording(folder, [rows[1], rows[0]]);
  await expect(open()).rejects.toThrow(/are not in their order/);
});

/** Width 3. */
async function writeWording(folder: StudyFolder, tokens: WordingToken[], values?: Float32Array) {
  await replaceStage(folder, 'wording', async (place) => {
    await wordingTokenTable.write(place('tokens.parquet'), tokens);
    if (values) {
      const columns = [{ site: 'input_embedding', kind: 'embedding', width: 3 }];
      const writer = await createActivationFile(place('embeddings.arrow'), columns, 'float32');
      await writer.append(1, [values]);
      await writer.append(values.length / 3 - 1, [values.subarray(3)]);
      await writer.finish();
    }
    return { plan: {}, parameters: {}, inputs: {}, facts: {} };
  });
}

async function manifestsOf(folder: StudyFolder) {
  const found = await readManifest(folder.wording);
  return new Map(found ? [['wording', found]] : []);
}
