import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stageTable } from '@galvani/pipeline';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createNodes, createNodesV2, postTasksExecution, preTasksExecution } from '../plugin.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'galvani-plugin-'));
  for (const [folder, name, dependencies] of [
    ['core/terminal', '@galvani/terminal', ['cli-progress']],
    ['core/study', '@galvani/study', ['@galvani/terminal', 'yaml']],
    ['core/model', '@galvani/model', ['@galvani/terminal', 'onnxruntime-node']],
    ['core/statistics', '@galvani/statistics', ['ml-matrix']],
    ['stages/plan', '@galvani/plan', ['@galvani/study']],
    ['stages/extract', '@galvani/extract', ['@galvani/study', '@galvani/model']],
    ['stages/glm', '@galvani/glm', ['@galvani/study', '@galvani/statistics']],
  ] as const)
    write(
      `packages/${folder}/package.json`,
      JSON.stringify({ name, dependencies: Object.fromEntries(dependencies.map((each) => [each, '1'])) }),
    );
  write('apps/cli/package.json', '{ "name": "galvani" }');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** All projects that the plugin makes of these studies, by name. */
async function projectsOf(studies: Record<string, string>) {
  const files = Object.keys(studies).map((study) => `pipelines/${study}/study.yaml`);
  for (const [study, text] of Object.entries(studies)) write(`pipelines/${study}/study.yaml`, text);
  const results = await createNodesV2[1](files, undefined, { workspaceRoot: root, nxJsonConfiguration: {} });
  return Object.fromEntries(
    results
      .flatMap(([, { projects = {} }]) => Object.entries(projects))
      .map(([folder, project]) => [project.name, { ...project, folder, targets: project.targets ?? {} }]),
  );
}

const inputsOf = (target: { inputs?: unknown[] }) => JSON.stringify(target.inputs);
const study = 'tasks: [a, b]\ndesign: { sessions: 2 }\n';

test('Nx finds the plugin under both names', () => {
  expect(createNodes).toBe(createNodesV2);
  expect(createNodesV2[0]).toBe('pipelines/*/study.yaml');
});

test('the default study is the project pipeline, with a project for each run', async () => {
  const projects = await projectsOf({ default: study });
  expect(Object.keys(projects).sort()).toEqual([
    'default',
    'pipeline',
    'pipeline/ses-01_task-a',
    'pipeline/ses-01_task-b',
    'pipeline/ses-02_task-a',
    'pipeline/ses-02_task-b',
  ]);
  const stages = stageTable.map((row) => row.name);
  expect(Object.keys(projects.pipeline.targets)).toEqual([...stages, 'all']);
  expect(projects.pipeline.targets.all).toMatchObject({ dependsOn: expect.arrayContaining(['report']) });
  expect(projects['pipeline/ses-02_task-b'].targets.extract).toMatchObject({
    executor: '@galvani/nx:runs',
    options: {
      process: 'apps/cli/bundle/stage-extract.js',
      study: 'data/derivatives/default',
      stage: 'extract',
      runs: ['ses-02_task-b'],
    },
    cache: true,
    outputs: ['{workspaceRoot}/data/derivatives/default/extract/ses-02_task-b/manifest.json'],
  });
});

test('over all runs a recording stage is its runs, and a look at their files; what stands in executors.json is there', async () => {
  const { pipeline } = await projectsOf({ default: study });
  expect(pipeline.targets.twin).toMatchObject({
    executor: '@galvani/nx:stored',
    options: { process: 'apps/cli/bundle/stage-twin.js', stage: 'twin', runs: expect.arrayContaining([]) },
    cache: true,
    parallelism: false,
    outputs: [],
  });
  expect(pipeline.targets.twin.options.runs).toHaveLength(4);
  expect(pipeline.targets.twin.dependsOn).toContainEqual({
    projects: pipeline.targets.twin.options.runs.map((run: string) => `pipeline/${run}`),
    target: 'twin',
  });
  const folder = fileURLToPath(new URL('../', import.meta.url));
  const { executors } = JSON.parse(readFileSync(join(folder, 'executors.json'), 'utf8'));
  for (const { implementation, batchImplementation = implementation, hasher = implementation, schema } of Object.values<
    Record<string, string>
  >(executors)) {
    expect(JSON.parse(readFileSync(join(folder, schema), 'utf8')).type).toBe('object');
    for (const each of [implementation, batchImplementation, hasher]) {
      const [file, name = 'default'] = each.split('#');
      expect((await import(join(folder, file)))[name]).toBeTypeOf('function');
    }
  }
});

test('a run leans on its parameters, its own events, the model and the code that extraction uses, and on nothing else', async () => {
  const projects = await projectsOf({ default: study });
  const code = ['core/model', 'core/study', 'core/terminal', 'stages/extract'].map((folder) => `packages/${folder}`);
  expect(projects['pipeline/ses-01_task-a'].targets.extract.inputs).toEqual([
    {
      dependentTasksOutputFiles: 'data/derivatives/default/{plan/extract.json,design/ses-01_task-a.parquet}',
      transitive: true,
    },
    '{workspaceRoot}/data/models/frog',
    '{workspaceRoot}/data/models/frog/**/*',
    `{workspaceRoot}/{${code.join()}}/{package.json,src/**/*}`,
    { externalDependencies: ['cli-progress', 'onnxruntime-node', 'yaml'] },
  ]);
});

test('the twin is the same code in another process, and leans on its own parameters; a twin as the subject on its original', async () => {
  const twinned = `${study}model: { twin: ../../data/models/other, seed: 3 }\n`;
  const projects = await projectsOf({ default: study, twinned });
  const { extract, twin } = projects['pipeline/ses-01_task-a'].targets;
  expect(twin).toEqual(
    JSON.parse(
      JSON.stringify(extract)
        .replaceAll('extract.json', 'twin.json')
        .replaceAll('default/extract/', 'default/twin/')
        .replace('"stage":"extract"', '"stage":"twin"')
        .replace('stage-extract.js', 'stage-twin.js'),
    ),
  );
  expect(inputsOf(projects['twinned/ses-01_task-a'].targets.extract)).toContain('data/models/other');
});

test('wording leans on the events of all runs and on the model, and on no recording', async () => {
  const projects = await projectsOf({ default: study });
  const { wording } = projects.pipeline.targets;
  expect(wording).toMatchObject({
    options: { command: 'node apps/cli/bundle/stage-wording.js --study data/derivatives/default --project pipeline' },
    cache: true,
    outputs: ['{workspaceRoot}/data/derivatives/default/wording'],
  });
  // Where the workspace itself has nothing to build, nothing is built.
  expect(wording.dependsOn).toEqual(['plan', 'design']);
  expect(wording.inputs.slice(0, 3)).toEqual([
    {
      dependentTasksOutputFiles: 'data/derivatives/default/{plan/extract.json,plan/runs.json,design/manifest.json}',
      transitive: true,
    },
    '{workspaceRoot}/data/models/frog',
    '{workspaceRoot}/data/models/frog/**/*',
  ]);
});

test('a workspace that has a target of that name for it builds its packages first', async () => {
  write('package.json', '{ "name": "workspace", "nx": { "targets": { "build": {} } } }');
  const { pipeline } = await projectsOf({ default: study });
  for (const stage of ['plan', 'extract', 'report'])
    expect(pipeline.targets[stage].dependsOn).toContainEqual({ projects: ['workspace'], target: 'build' });
});

test('the report leans on what was measured by hand, which is in the environment of Nx’s tasks', async () => {
  const projects = await projectsOf({ 'my study': study });
  expect(inputsOf(projects['my-study'].targets.report)).toContain('{"env":"GALVANI_MEASURED_my_study"}');
  const measured = () => preTasksExecution({}, { workspaceRoot: root }).GALVANI_MEASURED_my_study;
  write('data/derivatives/my study/plan/report.json', '{}');
  const none = measured();
  expect(none).toMatch(/^[0-9a-f]{64}$/);
  write('data/derivatives/my study/glm/manifest.json', '{}');
  expect(measured()).toBe(none);
  write('data/derivatives/my study/power/manifest.json', '{}');
  expect(measured()).not.toBe(none);
  postTasksExecution({}, { taskResults: {} });
});

test('platform and major version of Node are in the tags of every project, which Nx hashes', async () => {
  const tags = [`${process.platform}-${process.arch}`, `node-${process.versions.node.split('.')[0]}`];
  for (const project of Object.values(await projectsOf({ default: study, wrong: '' })))
    expect(project.tags).toEqual(tags);
});

test('no stage but plan reads study.yaml, so that a comment re-runs plan alone', async () => {
  const projects = await projectsOf({ default: study });
  const readers = Object.values(projects).flatMap(({ name, targets }) =>
    Object.entries(targets)
      .filter(([, target]) => inputsOf(target)?.includes('study.yaml'))
      .map(([target]) => `${name}:${target}`),
  );
  expect(readers).toEqual(['pipeline:plan']);
});

test('a model that Nx does not hash counts by names, sizes and times', async () => {
  const projects = await projectsOf({ big: `${study}model: ../../../models/galactica\n` });
  expect(inputsOf(projects['big/ses-01_task-a'].targets.extract)).toContain(
    'node packages/nx-plugin/fingerprint.mjs ../models/galactica',
  );
  expect(inputsOf(projects.big.targets.plan)).toContain('fingerprint.mjs ../models/galactica');
});

test('a model in the workspace that git ignores counts the same way', async () => {
  execFileSync('git', ['init', '-q'], { cwd: root });
  write('.gitignore', 'data/models/galactica/\n');
  write('data/models/galactica/config.json', '{}');
  const projects = await projectsOf({ big: `${study}model: ../../data/models/galactica\n` });
  expect(inputsOf(projects['big/ses-01_task-a'].targets.extract)).toContain('fingerprint.mjs data/models/galactica');
});

test('confounds are read by plan and glm', async () => {
  const projects = await projectsOf({ mine: `${study}glm: { confounds: confounds.csv }\n` });
  const readers = Object.entries(projects.mine.targets).filter(([, target]) =>
    inputsOf(target)?.includes('pipelines/mine/confounds.csv'),
  );
  expect(readers.map(([target]) => target)).toEqual(['plan', 'glm']);
});

test('to an .onnx file belong its weights, tokenizer and config.json beside it and above the folder onnx', async () => {
  const projects = await projectsOf({
    flat: `${study}model: ../../data/models/a/model.onnx\n`,
    below: `${study}model: ../../data/models/b/onnx/model.onnx\n`,
  });
  const flat = inputsOf(projects['flat/ses-01_task-a'].targets.extract);
  expect(flat).toContain('{workspaceRoot}/data/models/a/*');
  expect(flat).not.toContain('{workspaceRoot}/data/models/*');
  const below = inputsOf(projects['below/ses-01_task-a'].targets.extract);
  expect(below).toContain('{workspaceRoot}/data/models/b/onnx/*');
  expect(below).toContain('{workspaceRoot}/data/models/b/*');
});

test('a model on the Hub is named by its parameters alone', async () => {
  const projects = await projectsOf({ hub: `${study}model: { hub: facebook/galactica-125m }\n` });
  expect(inputsOf(projects['hub/ses-01_task-a'].targets.extract)).not.toContain('models');
});

test.each([
  ['not YAML', 'tasks: [a\n'],
  ['empty', ''],
  ['no tasks', 'design: { sessions: 2 }\n'],
  ['a task twice', 'tasks: [a, a]\n'],
  ['a task that is no name', 'tasks: [../../etc]\n'],
  ['sessions in words', 'tasks: [a]\ndesign: { sessions: two }\n'],
  ['too many sessions', 'tasks: [a]\ndesign: { sessions: 1e9 }\n'],
  ['prompts that are no path', 'tasks: [a]\nprompts: 3\n'],
  [
    'an alias bomb',
    `a: &a [x,x]\n${'bcdefghijklmnopqrst'.replace(/./g, (k, i) => `${k}: &${k} [${`*${'abcdefghijklmnopqrst'[i]},`.repeat(9)}]\n`)}`,
  ],
])('a study that is wrong (%s) keeps a plan, which says what is wrong', async (_, text) => {
  const projects = await projectsOf({ wrong: text, default: study });
  expect(Object.keys(projects.wrong.targets)).toEqual(['plan', 'all']);
  expect(projects.wrong.targets.all).toEqual({ executor: 'nx:noop', dependsOn: ['plan'] });
  expect(projects.pipeline.targets.report).toBeDefined();
});

test('no text breaks the graph', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `tasks: ${text}`),
        fc.json(),
      ),
      async (text) => {
        const projects = await projectsOf({ any: text });
        expect(projects.any.targets.plan).toBeDefined();
      },
    ),
    { numRuns: 50 },
  );
});

test('names are unique, whatever the folders are called', async () => {
  const projects = await projectsOf({
    default: study,
    pipeline: study,
    galvani: study,
    'my study': study,
    'a:b': study,
  });
  const owners = Object.keys(projects).filter((name) => !name.includes('/'));
  expect(owners.sort()).toEqual(['a-b', 'default', 'galvani-study', 'my-study', 'pipeline', 'pipeline-study']);
  expect(projects['my-study'].targets.plan.options.command).toBe(
    'node apps/cli/bundle/stage-plan.js --study "data/derivatives/my study" --project my-study --yaml "pipelines/my study/study.yaml"',
  );
});

test('the default study has its folder’s name too, whose targets run those of the first and have nothing in the cache', async () => {
  const { default: other, pipeline } = await projectsOf({ default: study });
  expect(Object.keys(other.targets)).toEqual(Object.keys(pipeline.targets));
  for (const [target, found] of Object.entries(other.targets))
    expect(found).toEqual({ executor: 'nx:noop', dependsOn: [{ projects: ['pipeline'], target }], inputs: [] });
  expect(other.folder).not.toBe(pipeline.folder);
});

test('a study whose model is not to be had has targets that do nothing, where a command is for all', async () => {
  vi.stubEnv('HF_HUB_CACHE', join(root, 'hub'));
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { argv } = process;
  const hub = `model: { hub: owner/name }\n${study}`;
  try {
    process.argv = ['node', 'nx', 'run-many', '-t', 'all'];
    const projects = await projectsOf({ far: hub, default: study });
    expect(Object.keys(projects).filter((name) => name.startsWith('far'))).toEqual(['far']);
    expect(projects.far.targets.all).toEqual({ executor: '@galvani/nx:left-out', options: {} });
    expect(projects.pipeline.targets.all.executor).toBe('nx:noop');
    preTasksExecution({}, { workspaceRoot: root });
    postTasksExecution({}, { taskResults: {} });
    expect(said.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/^galvani: far is left out: its model owner\/name is not on this machine/),
    ]);
    process.argv = ['node', 'nx', 'run', 'far:all'];
    expect((await projectsOf({ far: hub })).far.targets.all.dependsOn).toContain('report');
  } finally {
    process.argv = argv;
    vi.unstubAllEnvs();
    said.mockRestore();
  }
});
