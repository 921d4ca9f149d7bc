import { cp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeOutput, readManifest, writeManifest } from '@galvani/artifact';
import {
  commitStage,
  openUpstream,
  type PlannedParameters,
  planOf,
  readPlan,
  type StudyFolder,
  writeParameters,
} from '@galvani/study';
import { beforeEach, expect, test } from 'vitest';
import { first, recordedStudies, second } from './recorded-study.js';

const copyStudy = recordedStudies();
let folder: StudyFolder;
beforeEach(async () => {
  folder = await copyStudy();
});

const recording = () => join(folder.extract, first, 'activations.arrow');

/** Flips one bit and puts the time of writing back. */
async function flip(path: string): Promise<void> {
  const { atime, mtime } = await stat(path);
  const bytes = await readFile(path);
  bytes[bytes.length >> 1] ^= 1;
  await writeFile(path, bytes);
  await utimes(path, atime, mtime);
}

async function change(edit: (parameters: PlannedParameters) => void): Promise<void> {
  const parameters = await readPlan(folder);
  edit(parameters);
  await writeParameters(folder, { parameters });
}

/** A stage's folder with one table in it, of today's upstream. */
async function write(stage: 'glm' | 'networks' | 'decode', content: string): Promise<void> {
  const { plan, inputs } = await openUpstream(folder, stage);
  await rm(folder[stage], { recursive: true, force: true });
  await cp(join(folder.plan, 'runs.json'), join(folder[stage], 'table'));
  await writeFile(join(folder[stage], 'table'), content);
  const outputs = { table: await describeOutput(join(folder[stage], 'table')) };
  await commitStage(folder, stage, folder[stage], { plan, parameters: {}, inputs, outputs, facts: {} });
}

test('what is whole is opened, and every file that lies there is an input', async () => {
  const { inputs, manifests } = await openUpstream(folder, 'glm');
  const files = (await readdir(folder.root, { recursive: true }))
    .filter((path) => /^(design|extract).*\.(parquet|arrow)$/.test(path))
    .sort();
  expect(files).toHaveLength(2 + 2 * 2);
  expect(Object.keys(inputs).sort()).toEqual(files);
  expect([...manifests.keys()]).toEqual(['design', `extract/${first}`, `extract/${second}`]);
});

test.each(['glm', 'decode', 'calibrate', 'report'] as const)(
  '%s finds a flipped bit, verified before or not',
  async (stage) => {
    await flip(join(folder.extract, second, 'tokens.parquet'));
    const message = `extract/${second}/tokens.parquet differs from its checksum: extract/${second}/manifest.json lists it as the extract stage wrote it. Run galvani extract again`;
    await expect(openUpstream(folder, stage)).rejects.toThrow(message);
    await flip(join(folder.extract, second, 'tokens.parquet'));
    await openUpstream(folder, stage);
    await flip(join(folder.design, `${first}.parquet`));
    await expect(openUpstream(folder, stage)).rejects.toThrow(`design/${first}.parquet differs from its checksum`);
  },
);

test('a verified file is not read again while nothing touches it; without the memory it is', async () => {
  await openUpstream(folder, 'glm');
  const { ino, size, mtimeNs, ctimeNs } = await stat(recording(), { bigint: true });
  await flip(recording());
  const now = await stat(recording(), { bigint: true });
  // A memory that claims to have seen the file as it is now is believed.
  for (const name of await readdir(folder.verified!)) {
    const path = join(folder.verified!, name);
    const text = await readFile(path, 'utf8');
    const was = [size, mtimeNs, ctimeNs, ino].join(' ');
    await writeFile(path, text.replace(was, [now.size, now.mtimeNs, now.ctimeNs, now.ino].join(' ')));
  }
  await openUpstream(folder, 'glm');
  for (const name of await readdir(folder.verified!)) await writeFile(join(folder.verified!, name), 'not JSON');
  await expect(openUpstream(folder, 'glm')).rejects.toThrow('activations.arrow differs from its checksum');
  await rm(folder.verified!, { recursive: true });
  await writeFile(folder.verified!, 'a file where the folder would be');
  await expect(openUpstream(folder, 'glm')).rejects.toThrow('activations.arrow differs from its checksum');
  await flip(recording());
  await openUpstream(folder, 'glm');
});

test('a listed file that is missing, cut, or no file at all is damage', async () => {
  await rm(recording());
  await expect(openUpstream(folder, 'report')).rejects.toThrow(`extract/${first}/activations.arrow is missing`);
  await cp(join(folder.plan, 'runs.json'), recording());
  await expect(openUpstream(folder, 'report')).rejects.toThrow(/activations\.arrow has \d+ bytes instead of \d+/);
  await rm(recording());
  await cp(folder.plan, recording(), { recursive: true });
  await expect(openUpstream(folder, 'report')).rejects.toThrow('activations.arrow is not a file');
});

test('files of another run, and a whole run under the name of another, are refused', async () => {
  const [a, b] = [join(folder.extract, first), join(folder.extract, second)];
  await rename(join(a, 'activations.arrow'), join(folder.workspace!, 'kept'));
  await rename(join(b, 'activations.arrow'), join(a, 'activations.arrow'));
  await rename(join(folder.workspace!, 'kept'), join(b, 'activations.arrow'));
  await expect(openUpstream(folder, 'decode')).rejects.toThrow('activations.arrow differs from its checksum');
  await rm(a, { recursive: true });
  await cp(join((await copyStudy()).extract, second), a, { recursive: true });
  await expect(openUpstream(folder, 'decode')).rejects.toThrow(
    `extract/${first} was made from another design/${first}.parquet than there is now. Run galvani extract`,
  );
});

test('a manifest that somebody edited, of another stage, or gone', async () => {
  const path = join(folder.extract, first, 'manifest.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('"units": 80', '"units": 81'));
  await expect(openUpstream(folder, 'glm')).rejects.toThrow(/manifest\.json differs from its own checksum/);
  const manifest = (await readManifest(folder.design))!;
  await writeManifest(join(folder.extract, first), manifest);
  await expect(openUpstream(folder, 'glm')).rejects.toThrow(/is a manifest of the design stage/);
  await rm(path);
  await expect(openUpstream(folder, 'glm')).rejects.toThrow(/manifest\.json is missing: run galvani extract first/);
  await expect(openUpstream(folder, 'networks')).rejects.toThrow(
    /extract\S+manifest\.json is missing, and so is what glm writes: galvani run makes all that is missing\.$/,
  );
  await rm(folder.design, { recursive: true });
  await expect(openUpstream(folder, 'networks')).rejects.toThrow(
    /design\/manifest\.json is missing, and so is what extract and glm write: /,
  );
});

test('another plan is refused, field by field; another title is nothing to anybody', async () => {
  await change(({ report }) => {
    report.title = 'Another';
  });
  await openUpstream(folder, 'report');
  await change(({ design, extract, glm }) => {
    design.seed = extract.seed = glm.seed = 7;
    extract.model = { path: 'other' };
    extract.newTokens = 8;
  });
  await expect(openUpstream(folder, 'report')).rejects.toThrow(
    'design was made for another plan (seed: was 1, is 7; model.path: was model, is other); extract (2 runs) was made for another plan (newTokens: was 4, is 8). Run galvani design and the stages after it, or galvani run.',
  );
  await expect(openUpstream(folder, 'glm')).rejects.toThrow('newTokens: was 4, is 8');
  await expect(openUpstream(folder, 'extract')).rejects.toThrow('design was made for another plan (seed');
});

test('maps of earlier recordings, and tables of earlier maps, are not mixed with later ones', async () => {
  await write('glm', 'maps');
  await write('networks', 'units');
  await write('decode', 'scores');
  await openUpstream(folder, 'report');
  await change(({ networks }) => {
    networks.alpha = 0.01;
  });
  await expect(openUpstream(folder, 'report')).rejects.toThrow(
    'networks was made for another plan (alpha: was 0.05, is 0.01); decode was made for another plan (alpha: was 0.05, is 0.01). Run galvani networks',
  );
  await write('networks', 'fewer units');
  await expect(openUpstream(folder, 'report')).rejects.toThrow(
    /^decode was made for another plan .* Run galvani decode/,
  );
  await write('decode', 'other scores');
  await openUpstream(folder, 'report');
  // Same plan, other maps: somebody fitted again, with other code for instance.
  await write('glm', 'other maps');
  await expect(openUpstream(folder, 'report')).rejects.toThrow(
    'networks was made from another glm/table than there is now. Run galvani networks',
  );
  // The same of recordings.
  const manifest = (await readManifest(join(folder.extract, first)))!;
  const outputs = { ...manifest.outputs, 'more.arrow': manifest.outputs['activations.arrow'] };
  await writeManifest(join(folder.extract, first), { ...manifest, outputs });
  await expect(openUpstream(folder, 'networks')).rejects.toThrow(
    `glm was made from another extract/${first}/more.arrow than there is now. Run galvani glm`,
  );
});

test('results whose upstream is gone still know for which plan they were made', async () => {
  await write('glm', 'maps');
  await rm(folder.design, { recursive: true });
  await rm(folder.extract, { recursive: true });
  await openUpstream(folder, 'report');
  await change(({ extract }) => {
    extract.model = { hub: 'a/b', revision: 'main' };
  });
  const message = 'glm was made for another plan (model.path: was model, is not set; model.hub: was not set, is a/b';
  await expect(openUpstream(folder, 'report')).rejects.toThrow(message);
});

test('another prompt bank under the same name is another study', async () => {
  const bank = join(folder.workspace!, 'prompts.csv');
  await writeFile(bank, 'id,topic,text\n');
  const { outputs } = (await readManifest(folder.design))!;
  const inputs = { 'prompts.csv': (await describeOutput(bank)).sha256 };
  const plan = await planOf(folder, 'design');
  await commitStage(folder, 'design', folder.design, { plan, parameters: {}, inputs, outputs, facts: {} });
  await openUpstream(folder, 'glm');
  await writeFile(bank, 'id,topic,text\n1,a,b\n');
  await expect(openUpstream(folder, 'glm')).rejects.toThrow(
    'design was made from another prompts.csv than there is now',
  );
});

test('lesion reads prompts that no run presents: another bank makes it stale, not the design alone', async () => {
  const bank = join(folder.workspace!, 'prompts.csv');
  const plan = await planOf(folder, 'lesion');
  const { inputs: recorded } = await openUpstream(folder, 'glm');
  await writeFile(bank, 'id,topic,text\n');
  const inputs = { ...recorded, 'prompts.csv': (await describeOutput(bank)).sha256 };
  await commitStage(folder, 'lesion', folder.lesion, { plan, parameters: {}, inputs, outputs: {}, facts: {} });
  await rm(folder.design, { recursive: true });
  await openUpstream(folder, 'report');
  await writeFile(bank, 'id,topic,text\n1,a,b\n');
  await expect(openUpstream(folder, 'report')).rejects.toThrow(
    /^lesion was made from another prompts\.csv than there is now\. Run galvani lesion/,
  );
});

test('another model in the place of the one that was recorded is told, once for all runs', async () => {
  const weights = join(folder.workspace!, 'weights');
  await writeFile(weights, 'learnt');
  for (const run of [first, second]) {
    const manifest = (await readManifest(join(folder.extract, run)))!;
    const inputs = { ...manifest.inputs, weights: (await describeOutput(weights)).sha256 };
    await writeManifest(join(folder.extract, run), { ...manifest, inputs });
  }
  await openUpstream(folder, 'glm');
  await flip(weights);
  for (const stage of ['glm', 'decode', 'report', 'calibrate'] as const)
    await expect(openUpstream(folder, stage)).rejects.toThrow(
      'extract (2 runs) was made from another weights than there is now. Run galvani extract and the stages after it',
    );
  // A model that was moved away is not another one.
  await rm(weights);
  await openUpstream(folder, 'glm');
});

test('parameters that were altered are not followed', async () => {
  const path = join(folder.plan, 'glm.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('2000', '2001'));
  await expect(openUpstream(folder, 'glm')).rejects.toThrow(/glm\.json differs from its checksum/);
});
