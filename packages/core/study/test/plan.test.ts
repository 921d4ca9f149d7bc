import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTable } from '@galvani/artifact';
import {
  absentStages,
  planStudy,
  readParameters,
  readPlan,
  readPromptBank,
  readStudyFile,
  studyFolder,
  writeParameters,
} from '@galvani/study';
import { afterAll, beforeAll, expect, test } from 'vitest';

let root: string;
let study: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'galvani-plan-'));
  study = join(root, 'pipelines/small/study.yaml');
  await mkdir(join(root, 'pipelines/small'), { recursive: true });
  await mkdir(join(root, 'model'));
  await writeFile(join(root, 'nx.json'), '{}');
  const rows = ['fossils', 'cells', 'bread', 'bees'].flatMap((topic) =>
    Array.from({ length: 12 }, (_, i) => `${topic}-${i},${topic},statement,"about ${topic}, ${i}"`),
  );
  await writeFile(join(root, 'bank.csv'), `id,topic,form,text\n${rows.join('\n')}\n`);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const base = 'model: ../../model\nprompts: ../../bank.csv\n';
async function plan(text: string) {
  await writeFile(study, base + text);
  return planStudy(await readStudyFile(study));
}

test('what stands around prompts is of the recording, and not of the design', async () => {
  const asked = async (prompts: string, extraction = '{}') => {
    await writeFile(
      study,
      `model: ../../model\nprompts: ${prompts}\ntasks: [fossils]\nextraction: ${extraction}\ndesign: { sessions: 1 }\n`,
    );
    return (await planStudy(await readStudyFile(study))).parameters;
  };
  const plain = await asked('../../bank.csv');
  expect((await asked('{ bank: ../../bank.csv }')).extract).toEqual(plain.extract);
  expect((await asked('{ bank: [../../bank.csv], template: none }')).extract).toEqual(plain.extract);
  const chat = await asked('{ bank: ../../bank.csv, template: chat, system: Be brief. }');
  expect(chat.extract).toEqual({ ...plain.extract, template: 'chat', system: 'Be brief.' });
  expect(chat.twin).toMatchObject('absent' in chat.twin ? {} : { template: 'chat', system: 'Be brief.' });
  expect(chat.design).toEqual(plain.design);
  const own = await asked(
    '{ bank: ../../bank.csv, template: "Q: {prompt} A:" }',
    '{ mode: read, templateTokens: drop }',
  );
  expect(own.extract).toMatchObject({ template: 'Q: {prompt} A:', templateTokens: 'drop' });
  await expect(asked('{ bank: [../../bank.csv, ../../bank.csv] }')).rejects.toThrow(
    /prompts\.bank\.1: '\.\.\/\.\.\/bank\.csv' is listed twice/,
  );
  await expect(asked('{ bank: ../../bank.csv, template: hello }')).rejects.toThrow(/prompts.*\{prompt\}/s);
  await expect(asked('{ bank: ../../bank.csv, template: "{prompt}{prompt}" }')).rejects.toThrow(/\{prompt\} once/);
  await expect(asked('{ bank: ../../bank.csv, system: x }')).rejects.toThrow(
    /study\.yaml:2: prompts\.system: .*template: chat/,
  );
  for (const prompts of ['../../bank.csv', '{ bank: ../../bank.csv, template: chat }'])
    await expect(
      asked(prompts, prompts.includes('chat') ? '{ templateTokens: drop }' : '{ mode: read, templateTokens: drop }'),
    ).rejects.toThrow(
      /study\.yaml:4: extraction\.templateTokens: templateTokens is of prompts that are read within a template/,
    );
});

test('a model that stops at the end of a text generates it, and nothing after the end counts', async () => {
  const asked = (rest: string) => plan(`tasks: [fossils]\ndesign: { sessions: 2, promptsPerBlock: 3 }\n${rest}\n`);
  await expect(asked('extraction: { mode: read, afterEnd: stop }')).rejects.toThrow(
    /study\.yaml:\d+: extraction\.afterEnd: stop is of text that the model generates, and extraction\.mode is read/,
  );
  await expect(asked('extraction: { afterEnd: stop }\nglm: { afterEnd: keep }')).rejects.toThrow(
    /study\.yaml:\d+: glm\.afterEnd: keep counts what is generated after the end/,
  );
  const { parameters } = await asked('extraction: { afterEnd: stop }');
  expect(parameters.extract).toMatchObject({ stopAtEnd: true });
  expect(parameters.extract).not.toHaveProperty('afterEnd');
});

test('a plan names its runs, and parameters hold what their stage needs', async () => {
  const { name, runs, parameters } = await plan('tasks: [fossils]\ndesign: { sessions: 2, promptsPerBlock: 3 }\n');
  expect(name).toBe('small');
  expect(runs).toEqual([
    { name: 'ses-01_task-fossils', session: 1, task: 'fossils' },
    { name: 'ses-02_task-fossils', session: 2, task: 'fossils' },
  ]);
  expect(parameters.design.prompts).toEqual(['bank.csv']);
  expect(parameters.design.restTopics).toEqual(['cells', 'bread', 'bees']);
  expect(parameters.extract.model).toEqual({ path: 'model' });
});

test('several banks are one', async () => {
  await writeFile(join(root, 'mine.csv'), 'id,topic,text\nm1,tea,Green tea\nm2,tea,Black tea\nm3,bees,A queen\n');
  const planned = async (prompts: string, more = '') => {
    await writeFile(study, `model: ../../model\nprompts: ${prompts}\ntasks: [fossils]\n${more}`);
    return planStudy(await readStudyFile(study));
  };
  const { parameters } = await planned('[../../bank.csv, ../../mine.csv]', 'design: { sessions: 2 }\n');
  expect(parameters.design.prompts).toEqual(['bank.csv', 'mine.csv']);
  expect(parameters.design.restTopics).toEqual(['cells', 'bread', 'bees', 'tea']);
  const beside = await planned('[embedded, ../../mine.csv]', 'rest: { topics: [tea, cooking] }\n').catch(String);
  expect(beside).toContain("there is no topic 'fossils'");
  await expect(planned('[../../bank.csv, ../../bank.csv]')).rejects.toThrow(
    /study\.yaml:2: prompts\.1: '\.\.\/\.\.\/bank\.csv' is listed twice/,
  );
  await expect(planned('[]')).rejects.toThrow(/study\.yaml:2: prompts/);
  await writeFile(join(root, 'same.csv'), 'id,topic,text\nfossils-0,tea,Oolong\n');
  await expect(planned('[../../bank.csv, ../../same.csv]')).rejects.toThrow(
    /study\.yaml:2: prompts: .*same\.csv:2: id 'fossils-0' was used before, at .*bank\.csv:2; ids are unique/,
  );
});

test('rest that runs share needs prompts for one task of each session', async () => {
  const { parameters } = await plan('tasks: [fossils, cells]\nrest: { repeat: tasks }\ndesign: { sessions: 2 }\n');
  expect(parameters.design.repeatRest).toBe('tasks');
  await expect(
    plan('tasks: [fossils]\nrest: { repeat: tasks }\ndesign: { sessions: 2, pairs: true }\n'),
  ).rejects.toThrow(/pair/);
});

test('a change in one part leaves the bytes of the others’ parameters', async () => {
  const folder = studyFolder(join(root, 'derivatives/small'));
  const read = async () => {
    const names = await readdir(folder.plan);
    return Object.fromEntries(
      await Promise.all(names.map(async (n) => [n, await readFile(join(folder.plan, n), 'utf8')])),
    );
  };
  await writeParameters(folder, await plan('tasks: [fossils]\ndesign: { sessions: 1, promptsPerBlock: 3 }\n'));
  const before = await read();
  await writeParameters(
    folder,
    await plan('# a comment\nglm: { noise: ols }\ntasks: [fossils]\ndesign: { promptsPerBlock: 3, sessions: 1 }\n'),
  );
  const after = await read();
  const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
  expect(changed.sort()).toEqual(['glm.json', 'manifest.json']);
  expect((await readParameters(folder, 'glm')).noise).toBe('ols');
});

test.each([
  [
    'tasks: [fosils]',
    /study\.yaml:3: tasks\.0: there is no topic 'fosils' in the prompt bank\. Did you mean 'fossils'\?/,
  ],
  ['tasks: [fossils, fossils]', /listed twice/],
  [
    'tasks: [fossils]\ndesign: { sessions: 4 }',
    /study\.yaml:4: design\.sessions: 4 sessions x 1 on blocks x 6 prompts need 24 prompts on fossils; the bank has 12\. It has enough for design\.sessions: 2, or design\.promptsPerBlock: 3\. Or add prompts to the bank\./,
  ],
  [
    'tasks: [fossils, cells]\ndesign: { sessions: 2 }',
    /the off blocks of 4 runs need 48 prompts on other topics; the bank has 24\. It has enough for design\.sessions: 1, or design\.promptsPerBlock: 3, or for rest\.repeat: tasks, with which the runs of a session share their rest \(24 prompts;/,
  ],
  [
    'tasks: [fossils, cells]\nrest: { repeat: tasks }\ndesign: { sessions: 3, promptsPerBlock: 4, cycles: 2 }',
    /need 24 prompts on fossils; the bank has 12\. It has enough for design\.sessions: 1, or design\.cycles: 1, or design\.promptsPerBlock: 2\. Or/,
  ],
  [
    'tasks: [fossils]\nrest: { topics: [bees] }\ndesign: { sessions: 1, cycles: 3, promptsPerBlock: 4 }',
    /the off blocks of 1 run need 16 prompts on other topics; the bank has 12\. It has enough for design\.cycles: 2, or design\.promptsPerBlock: 3\. Or add/,
  ],
  ['tasks: [fossils]\nrest: { topics: [fossils] }', /'fossils' is a task/],
  ['tasks: [fossils]\nmodel: ../nowhere', /is not YAML|there is no model/],
])('%j is refused with the line', async (text, message) => {
  await expect(plan(text)).rejects.toThrow(message);
});

test('a missing model and a missing bank say where they were sought', async () => {
  await writeFile(study, 'prompts: ../../bank.csv\nmodel: ../nowhere\ntasks: [fossils]\ndesign: { sessions: 1 }\n');
  await expect(readStudyFile(study).then(planStudy)).rejects.toThrow(
    /study\.yaml:2: model: there is no model at .*nowhere/,
  );
  await writeFile(study, 'model: ../../model\nprompts: none.csv\ntasks: [fossils]\n');
  await expect(readStudyFile(study).then(planStudy)).rejects.toThrow(
    /study\.yaml:2: prompts: there is no prompt bank at/,
  );
});

test('a bank may be Parquet; its faults are named with their place', async () => {
  const path = join(root, 'bank.parquet');
  await writeTable(path, { id: 'text', topic: 'text', text: 'text' }, [{ id: '1', topic: 'bees', text: 'A bee is' }]);
  expect(await readPromptBank(path)).toEqual([{ id: '1', topic: 'bees', form: 'unknown', text: 'A bee is' }]);
  const csv = join(root, 'faulty.csv');
  await writeFile(csv, 'id,topic,text\n1,bees,A bee is\n1,bees,A hive is\n');
  await expect(readPromptBank(csv)).rejects.toThrow(/faulty\.csv:3: id '1' was used before, at .*faulty\.csv:2/);
  await writeFile(csv, 'id,subject,text\n1,bees,A bee is\n');
  await expect(readPromptBank(csv)).rejects.toThrow('lacks the column topic');
});

test.each([
  ['{ regressor: { kind: fir, length: 4 } }', /glm\.regressor: the noise model prompt looks at means/],
  ['{ modulators: [entropy, position] }', /glm\.modulators\.1: position has the same mean in every prompt/],
  ['{ modulators: [entropy, entropy] }', /glm\.modulators\.1: entropy is listed twice/],
  [
    '{ conjunctions: { both: [fossils, cell] } }',
    /glm\.conjunctions\.both: there is no task 'cell'\. Did you mean 'cells'/,
  ],
  ['{ conjunctions: { both: [fossils, fossils] } }', /glm\.conjunctions\.both: a task is listed twice/],
  ['{ secondLevel: true }', /glm\.secondLevel: random effects need 2 sessions/],
  ['{ confounds: none.csv }', /glm\.confounds: there is no file at .*none\.csv/],
])('glm: %s is refused with its line', async (glm, message) => {
  await expect(
    plan(`tasks: [fossils, cells]\ndesign: { sessions: 1, promptsPerBlock: 3 }\nglm: ${glm}\n`),
  ).rejects.toThrow(message);
});

test.each([
  [
    '{ tokens: last }',
    '{}',
    /study\.yaml:5: extraction\.tokens: last is of prompts that are read.*newTokens: 1 records/,
  ],
  [
    '{ mode: read, tokens: mean }',
    '{ noise: ar1+prompt }',
    /study\.yaml:6: glm\.noise: .* keeps one row of each prompt, and ar1\+prompt is about several tokens/,
  ],
  [
    '{ mode: read, tokens: last }',
    '{ noise: ols, regressor: { kind: fir, length: 2 } }',
    /glm\.regressor: .*has no course over tokens\. Set extraction\.tokens: all/,
  ],
  [
    '{ mode: read, tokens: last }',
    '{ noise: ols, modulators: [entropy, position] }',
    /glm\.modulators\.1: .*every position is 0/,
  ],
])('extraction %s with glm %s is refused with its line', async (extraction, glm, message) => {
  const text = 'tasks: [fossils]\ndesign: { sessions: 1, promptsPerBlock: 3 }\n';
  await expect(plan(`${text}extraction: ${extraction}\nglm: ${glm}\n`)).rejects.toThrow(message);
});

test('the strongest share of units stands in place of a threshold', async () => {
  const networks = (text: string) =>
    plan(`tasks: [fossils]\ndesign: { sessions: 1, promptsPerBlock: 1 }\nnetworks: ${text}\n`);
  // So few prompts reach no threshold, and a selection needs none.
  expect((await networks('{ top: 1% }')).parameters.networks).toMatchObject({ top: 0.01 });
  expect((await networks('{ top: 0.25%, sign: positive }')).parameters.networks).toMatchObject({ top: 0.0025 });
  for (const wrong of ['1', '0%', '0.0%', '101%', 'one%', '-1%'])
    await expect(networks(`{ top: ${wrong} }`), wrong).rejects.toThrow(/study\.yaml:5: networks\.top.*must be/);
  await expect(networks('{ top: 1%, alpha: 0.01 }')).rejects.toThrow(
    /study\.yaml:5: networks\.alpha: alpha is of a threshold, and networks\.top takes.*Leave out alpha, or top/,
  );
});

test('pairs are checked with the bank', async () => {
  const planned = async (rows: string[], design: string, more = '') => {
    await writeFile(join(root, 'pairs.csv'), `id,topic,text,pair\n${rows.join('\n')}\n`);
    await writeFile(
      study,
      `prompts: ../../pairs.csv\nmodel: ../../model\ntasks: [yes]\ndesign: { sessions: 1, pairs: true, ${design} }\n${more}`,
    );
    return planStudy(await readStudyFile(study));
  };
  const rows = Array.from({ length: 8 }, (_, i) => `y${i},yes,Yes ${i},${i}`);
  const others = rows.map((_, i) => `n${i},no,No ${i},${i}`);
  const { parameters } = await planned([...rows, ...others], 'promptsPerBlock: 8');
  expect(parameters.glm.pairs).toBe(true);
  await expect(planned([...rows, ...others.slice(1)], 'promptsPerBlock: 7')).rejects.toThrow(
    /study\.yaml:4: design\.pairs: the pair '0' of the prompt 'y0' has no other prompt; it takes one prompt of a topic of rest: no/,
  );
  await expect(planned([...rows, 'y9,yes,Yes 9,', ...others], 'promptsPerBlock: 7')).rejects.toThrow(
    /the prompt 'y9' has no pair/,
  );
  await expect(planned([...rows, ...others, 'm0,no,Maybe,0'], 'promptsPerBlock: 7')).rejects.toThrow(
    /'n0' \(no\), 'm0' \(no\)/,
  );
  await expect(planned([...rows, ...others], 'promptsPerBlock: 5')).rejects.toThrow(
    /design\.promptsPerBlock: 5 pairs have 32 sign flips.*that takes 6 pairs/,
  );
  await expect(planned([...rows, ...others], 'promptsPerBlock: 9')).rejects.toThrow(
    /need 9 prompts on yes; the bank has 8/,
  );
  await expect(
    planned([...rows, ...others], 'promptsPerBlock: 8', 'glm: { drift: { kind: polynomial, order: 1 } }'),
  ).rejects.toThrow(/study\.yaml:5: glm\.drift: .*leaves no drift/);
});

test('a correction over tasks is one', async () => {
  const networks = (text: string) =>
    plan(`tasks: [fossils]\ndesign: { sessions: 1, promptsPerBlock: 3 }\nnetworks: ${text}\n`);
  expect((await networks('{ family: study }')).parameters.networks).toMatchObject({ family: 'study' });
  await expect(networks('{ correction: none, family: study }')).rejects.toThrow(
    /study\.yaml:5: networks\.family: correction none corrects nothing.*Choose networks\.correction: familywise, fdr, bonferroni, or/,
  );
});

test.each([
  [
    '{ both: [fossils, cell] }',
    /yardstick\.groups\.both: 'cell' is neither a task nor a topic of rest\. Did you mean 'cells'/,
  ],
  ['{ both: [fossils, fossils] }', /yardstick\.groups\.both: a topic is listed twice/],
  ['{ fossils: [fossils, cells] }', /yardstick\.groups\.fossils: 'fossils' is a task, which is tested alone/],
  ['{ a b: [fossils], a+b: [cells] }', /groups\.a\+b: 'a b' and 'a\+b' would both be written to yardstick\/topics-a-b/],
])('yardstick.groups: %s is refused with its line', async (groups, message) => {
  await expect(plan(`${small}yardstick: { groups: ${groups} }\n`)).rejects.toThrow(message);
});

const small = 'tasks: [fossils, cells]\ndesign: { sessions: 1, promptsPerBlock: 3 }\n';

test.each([
  [
    'contrasts: { x: fossils - cels }',
    /study\.yaml:5: glm\.contrasts\.x: Contrast 'fossils - cels': unknown name 'cels' at character 11\. Did you mean 'cells'\?/,
  ],
  ['contrasts: { x: fossils, y: fossils - fossils }', /glm\.contrasts\.y: Every weight .* is zero/],
  ['contrasts: { x: entropy }', /unknown name 'entropy'/],
  ['contrasts: { x: entropy }, modulators: [{ value: entropy, of: tasks }]', /Known names: .*cells:entropy/],
  ['contrasts: { x: bees - rest }', /unknown name 'bees'/],
  [
    'contrasts: { a b: fossils, A-b: cells }',
    /glm\.contrasts\.A-b: 'a b' and 'A-b' would both be written to glm\/contr/,
  ],
  ['conjunctions: { a b: [fossils, cells], a+b: [cells, fossils] }', /glm\.conjunctions\.a\+b: 'a b' and 'a\+b' would/],
  [
    'noise: ols, regressor: { kind: fir, length: 4, width: 8 }, contrasts: { x: "fossils[16-23] - rest" }',
    /glm\.contrasts\.x: no token is in fossils\[16-23\], as extraction\.newTokens is 16/,
  ],
])('contrasts: { %s } is refused before a model runs', async (glm, message) => {
  await expect(plan(`${small}glm: { ${glm} }\n`)).rejects.toThrow(message);
});

test.each([
  [
    1,
    2,
    /^Identification takes 2 sessions or more to hold one out; the study has 1 session\. Raise design\.sessions\.$/,
  ],
  [2, 1, /^Identification takes 2 tasks or more to tell them apart; the study has 1 task\. Add a task to tasks\.$/],
  [1, 1, /2 sessions or more .*, and 2 tasks or more .*; the study has 1 session and 1 task\. Raise .* and add a task/],
])('%d sessions of %d tasks leave out identification, and say what is wanting', async (sessions, tasks, why) => {
  const named = ['fossils', 'cells'].slice(0, tasks).join(', ');
  const { parameters } = await plan(`tasks: [${named}]\ndesign: { sessions: ${sessions}, promptsPerBlock: 3 }\n`);
  expect(absentStages(parameters)).toEqual(
    ['decode', 'controls'].map((stage) => ({ stage, why: expect.stringMatching(why) })),
  );
  const folder = studyFolder(join(root, `derivatives/absent-${sessions}-${tasks}`));
  await writeParameters(folder, { parameters });
  await expect(readParameters(folder, 'decode')).rejects.toThrow(/^the study has no decode\. Identification takes /);
  expect(await readPlan(folder)).toMatchObject({ decode: parameters.decode, glm: parameters.glm });
});

test('a study of two sessions and two tasks leaves out nothing', async () => {
  const { parameters } = await plan('tasks: [fossils, cells]\ndesign: { sessions: 2, promptsPerBlock: 3 }\n');
  expect(absentStages(parameters)).toEqual([]);
});

test('contrasts may name whatever the design will have', async () => {
  await writeFile(
    join(root, 'pipelines/small/confounds.csv'),
    `run,prompt,__proto__,constructor\n${lines(['fossils', 'cells']).join('\n')}\n`,
  );
  const { parameters } = await plan(
    `${small}glm:\n  noise: ols\n  regressor: { kind: fir, length: 2 }\n  modulators: [entropy, { value: position, of: tasks }]\n  confounds: confounds.csv\n  contrasts:\n    __proto__: fossils[0] - "cells[1+]"\n    10: entropy\n    1: cells:position, fossils\n    z: 2 * __proto__ - constructor\n`,
  );
  expect(parameters.glm.contrasts.map(([name]) => name)).toEqual(['__proto__', '10', '1', 'z']);
  const folder = studyFolder(join(root, 'derivatives/names'));
  await writeParameters(
    folder,
    await plan(`${small}glm: { contrasts: { __proto__: cells, 10: cells, 1: fossils } }\n`),
  );
  expect((await readParameters(folder, 'glm')).contrasts).toEqual([
    ['__proto__', 'cells'],
    ['10', 'cells'],
    ['1', 'fossils'],
  ]);
});

/** A line for each prompt of the small study's runs. */
function lines(tasks: readonly string[], value = '0.5,1'): string[] {
  return tasks.flatMap((task) => Array.from({ length: 9 }, (_, p) => `ses-01_task-${task},${p},${value}`));
}

test.each([
  ['run,x\n', ['ses-01_task-cells,1'], /study\.yaml:5: glm\.confounds: .*confounds\.csv lacks the column prompt/],
  ['run,prompt\n', [], /has no column besides run, prompt and position/],
  ['run,prompt,x,y\n', lines(['fossils']), /confounds\.csv has no line for run ses-01_task-cells, prompt 0/],
  ['run,prompt,x,y\n', lines(['fossils', 'bees']), /confounds\.csv:11: there is no run 'ses-01_task-bees'/],
  [
    'run,prompt,x,y\n',
    lines(['fossils', 'cells'], '1,high'),
    /confounds\.csv:2: y is 'high'; it must be a finite number/,
  ],
  [
    'run,prompt,x,cells\n',
    lines(['fossils', 'cells']),
    /the column 'cells' has a name that the design gives to a task/,
  ],
  [
    'run,prompt,x,y\n',
    lines(['fossils', 'cells'], '1,1e155'),
    /study\.yaml:5: glm\.confounds: .*confounds\.csv: the confound 'y' reaches 1e\+155 in size/,
  ],
  [
    'run,prompt,x,y\n',
    lines(['fossils', 'cells'], '1e-160,1'),
    /confounds\.csv: the confound 'x' reaches 1e-160 in size, and the largest value of a regressor is between 1e-50/,
  ],
  ['run,prompt,rest,y\n', lines(['fossils', 'cells']), /the column 'rest' has a name/],
  [
    'run,prompt,run ses-01_task-cells,y\n',
    lines(['fossils', 'cells']),
    /the column 'run ses-01_task-cells' has a name/,
  ],
])('confounds %j are refused before a model runs', async (header, body, message) => {
  await writeFile(join(root, 'pipelines/small/confounds.csv'), `${header}${body.join('\n')}\n`);
  await expect(plan(`${small}glm: { confounds: confounds.csv }\n`)).rejects.toThrow(message);
});

test('what the model leaves out does not stand in its parameters', async () => {
  const { parameters } = await plan('tasks: [fossils]\ndesign: { sessions: 1, promptsPerBlock: 3 }\n');
  expect(Object.keys(parameters.glm).sort()).toEqual([
    'afterEnd',
    'contrasts',
    'noise',
    'relabellings',
    'runRelabellings',
    'seed',
    'transform',
    'variance',
  ]);
});

test('the twin is recorded as the model is, with the study’s seed; where there is none, a sentence says why', async () => {
  const one = 'seed: 9\ntasks: [fossils]\ndesign: { sessions: 1, promptsPerBlock: 3 }\n';
  const { extract, twin } = (await plan(one)).parameters;
  expect(twin).toEqual({ ...extract, model: { twin: { path: 'model' }, seed: 9 } });
  const kept = (await plan(`${one}extraction: { keep: prompts, moments: squares }\n`)).parameters;
  const halved = { moments: 'mean', storage: 'float16', saturate: true };
  expect(kept.twin).toEqual({ ...kept.extract, ...halved, model: { twin: { path: 'model' }, seed: 9 } });
  expect(kept.extract).toMatchObject({ moments: 'squares', storage: 'float32' });
  const without = (await plan(`${one}controls: { twin: false }\nextraction: { newTokens: 3 }\n`)).parameters;
  expect(without.twin).toEqual({ absent: 'study.yaml leaves the twin out (controls.twin: false).' });
  expect(without.extract.newTokens).toBe(3);
});

test.each([
  ['{ twin: ../../model }', { twin: { path: 'model' }, seed: 1 }, 'the subject is a twin itself.'],
  [
    '{ twin: { hub: a/b }, seed: 4 }',
    { twin: { hub: 'a/b', revision: 'main' }, seed: 4 },
    'the subject is a twin itself.',
  ],
  ['../../model.onnx', { path: 'model.onnx' }, expect.stringMatching(/^an \.onnx file has no twin/)],
])('the subject %s has no twin', async (model, source, absent) => {
  await writeFile(join(root, 'model.onnx'), '');
  const text = `model: ${model}\nprompts: ../../bank.csv\ntasks: [fossils]\ndesign: { sessions: 1, promptsPerBlock: 3 }\n`;
  await writeFile(study, text);
  const { parameters } = await planStudy(await readStudyFile(study));
  expect(parameters.extract.model).toEqual(source);
  expect(parameters.twin).toEqual({ absent });
});

test.each([
  ['{ twin: ../../model.onnx }', /study\.yaml:1: model\.twin: an \.onnx file has no twin.*Give the folder/],
  ['{ twin: ../nowhere }', /study\.yaml:1: model\.twin: there is no model at .*nowhere/],
  ['{ twin: { twin: embedded } }', /study\.yaml:1: /],
  ['{ twin: embedded, seed: -1 }', /study\.yaml:1: model\.seed is -1/],
])('the model %s is refused with its line', async (model, message) => {
  await writeFile(join(root, 'model.onnx'), '');
  await writeFile(study, `model: ${model}\nprompts: ../../bank.csv\ntasks: [fossils]\ndesign: { sessions: 1 }\n`);
  await expect(readStudyFile(study).then(planStudy)).rejects.toThrow(message);
});
