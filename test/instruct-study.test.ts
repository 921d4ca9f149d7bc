/** Whole small studies of an instruct checkpoint: prompts reach the model within its chat template, answers end, and the report says so. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventTable, openActivationFile, steerSampleTable, tokenTable, wordingTokenTable } from '@galvani/artifact';
import { loadSubject, openLossSubject } from '@galvani/model';
import { stageTable } from '@galvani/pipeline';
import { steerSamples } from '@galvani/steer';
import { readPlan, type Stage, studyFolder, workspaceOf } from '@galvani/study';
import { studySampling } from '@galvani/subject';
import { unitAccount } from '@galvani/view';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadStage, loadUnclaimed } from '../apps/cli/src/load-stage.js';
import { studySize } from '../apps/cli/src/study-forecast.js';
import { unitText } from '../apps/cli/src/unit-text.js';
import { smallRuns, smallStudy } from './small-study.js';
import { type StageWorkspace, stageWorkspace } from './stage-workspace.js';

const template =
  "{{ bos_token }}{% for m in messages %}{{ m.role[0] + ':' + m.content | trim + eos_token }}{% endfor %}{% if add_generation_prompt %}a:{% endif %}";
const roles = { bos_token: '<s>', eos_token: '</s>', pad_token: '<pad>', unk_token: '<unk>' };
const [run] = smallRuns;
/** Many, so that a model that learned nothing ends some of its answers. */
const endTokens = [2, ...Array.from({ length: 14 }, (_, i) => 7 + 6 * i)];
const special = ['<s>', '<pad>', '</s>', '<unk>'];
let workspace: StageWorkspace;

const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).filter((c) => !'`~'.includes(c));
/** The small model's vocabulary: special tokens, the space, printable ASCII without ` and ~. */
const pieces = [...special, ' ', ...printable];

/** Ids of a text. */
const idsOf = (text: string) => text.match(/<s>|<\/s>|./g)!.map((piece) => pieces.indexOf(piece));

/** The other way round. */
const textOf = (ids: Iterable<number>) => [...ids].map((id) => (id < 4 ? '' : pieces[id])).join('');

const chat = (prompt: string, answer: boolean) => `<s>s:Be brief.</s>u:${prompt}</s>${answer ? 'a:' : ''}`;

const yaml = (extraction: string) =>
  smallStudy
    .replace('../../data/models/small', '../../data/models/instruct')
    .replace(
      '../../data/prompts/small.csv',
      '{ bank: ../../data/prompts/small.csv, template: chat, system: Be brief. }',
    )
    .replace('newTokens: 4', extraction)
    .replace('steer: { strengths: [0, 2], directions: 19, prompts: 4, tokens: 4 }', (all) =>
      all.replace('4 }', "3, sites: ['*.1.fc2'] }"),
    );

beforeAll(async () => {
  workspace = stageWorkspace('galvani-instruct-');
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation(() => true);
  workspace.write('data/models/instruct/tokenizer_config.json', JSON.stringify({ ...roles, chat_template: template }));
  for (const file of ['config.json', 'model.safetensors', 'tokenizer.json'])
    copyFileSync(join(workspace.placeOf('models', 'small'), file), join(model(), file));
  workspace.write('data/models/instruct/generation_config.json', JSON.stringify({ eos_token_id: endTokens }));
  const { stage: plan } = await loadUnclaimed('plan' as Stage);
  const names = stageTable.filter((row) => row.name !== 'plan' && !('byHand' in row && row.byHand));
  const stages = await Promise.all(names.map((row) => loadStage(row.name as Stage)));
  const steer = await loadStage('steer' as Stage);
  await workspace.run('instruct', yaml('newTokens: 4, afterEnd: stop'), [plan, ...stages, steer]);
  const first = ['design', 'extract'].map((name) => stages[names.findIndex((row) => row.name === name)]);
  await workspace.run('instruct-read', yaml('mode: read, templateTokens: drop'), [plan, ...first]);
});
afterAll(() => {
  vi.restoreAllMocks();
  workspace.remove();
});

const rootOf = (study: string) => workspaceOf(workspace.placeOf('..', `pipelines/${study}/study.yaml`));
const model = () => workspace.placeOf('models', 'instruct');
const texts = async (study: string) =>
  (await eventTable.read(workspace.placeOf(study, `design/${run}.parquet`))).map(({ text }) => text);

test('what is generated is what follows the chat, and not what follows the bare prompt', async () => {
  const prompts = await texts('instruct');
  const rows = await tokenTable.read(workspace.placeOf('instruct', `extract/${run}/tokens.parquet`));
  const subject = await loadSubject(model(), { tap: false });
  const follow = async (written: string[]) => {
    const chosen = rows.map(({ token_id }) => token_id);
    const read = written.map((text, p) => {
      const own = chosen.filter((_, row) => rows[row].prompt === p);
      return { before: idsOf(text).length, tokens: Int32Array.from([...idsOf(text), ...own]) };
    });
    const found: number[] = [];
    await subject.read({
      texts: read.map(({ tokens }) => tokens),
      onPassage: ({ text, logProbabilities }) => {
        found.push(...logProbabilities.subarray(read[text].before));
      },
    });
    return found;
  };
  const within = await follow(prompts.map((text) => chat(text, true)));
  const bare = await follow(prompts);
  await subject.release();
  for (const [row, { log_probability }] of rows.entries()) expect(log_probability).toBeCloseTo(within[row], 5);
  expect(Math.max(...rows.map(({ log_probability }, row) => Math.abs(log_probability - bare[row])))).toBeGreaterThan(
    0.01,
  );
});

test('what is said of a unit shows the chat before each answer, as the model was given it', async () => {
  const folder = studyFolder(workspace.placeOf('instruct', ''), workspace.placeOf('..', ''));
  const account = await unitAccount(folder, { site: 'model.decoder.layers.1.fc2', unit: 3, count: 2 });
  const { prompts, tokens } = account;
  for (const { text, given } of [...prompts.highest, ...prompts.lowest]) expect(given).toBe(chat(text, true));
  for (const { before } of tokens.highest) expect(before).toMatch(/^<s>s:Be brief\.<\/s>u:[^<]+<\/s>a:/);
  const [{ given, tokens: answer }] = prompts.highest;
  const [first] = unitText(account, { runs: false, colour: false })
    .split('\n')
    .filter((line) => line.includes(given));
  expect(first).toContain(`${given} →${answer.map(({ token }) => token).join('')}`);
});

test('a prompt’s rows end with its answer', async () => {
  const rows = await tokenTable.read(workspace.placeOf('instruct', `extract/${run}/tokens.parquet`));
  const answers = (await texts('instruct')).map((_, p) => rows.filter(({ prompt }) => prompt === p));
  for (const answer of answers) {
    expect(answer.slice(0, -1).some(({ token_id }) => endTokens.includes(token_id))).toBe(false);
    expect(answer.length === 4 || endTokens.includes(answer.at(-1)!.token_id)).toBe(true);
  }
  expect(new Set(answers.map(({ length }) => length)).size).toBeGreaterThan(1);
  const all = await Promise.all(
    smallRuns.map((each) => tokenTable.read(workspace.placeOf('instruct', `extract/${each}/tokens.parquet`))),
  );
  const count = (position: number) => all.flat().filter((row) => row.position === position).length;
  const page = readFileSync(workspace.placeOf('instruct', 'report/index.html'), 'utf8');
  expect(page).toContain(`${count(0) - count(3)} texts ended before 4 tokens were there.`);
  expect(page).toContain('for it, 4 at most and none after the end of its text (');
});

test('wording has every token that was presented, and marks those of the template', async () => {
  const prompts = await texts('instruct');
  const rows = await wordingTokenTable.read(workspace.placeOf('instruct', 'wording/tokens.parquet'));
  for (const [p, text] of prompts.entries()) {
    const own = rows.filter((row) => row.run === run && row.prompt === p);
    expect(own.map(({ token_id }) => token_id)).toEqual(idsOf(chat(text, true)));
    expect(own.filter(({ of_template }) => !of_template).map(({ token_id }) => token_id)).toEqual(idsOf(text));
  }
});

test('the forecast counts what is presented, and of what is read the tokens that have rows', async () => {
  const sizeOf = async (study: string) => {
    const root = rootOf(study);
    return (await studySize(await readPlan(studyFolder(workspace.placeOf(study, ''), root)), root))!;
  };
  const wording = await wordingTokenTable.read(workspace.placeOf('instruct', 'wording/tokens.parquet'));
  const size = await sizeOf('instruct');
  expect(size.prompts * size.promptTokens).toBeCloseTo(wording.length, 6);
  expect(size.longestPrompt).toBe(1 + Math.max(...wording.map(({ position }) => position)));
  const read = await sizeOf('instruct-read');
  const rows = await Promise.all(
    smallRuns.map((each) => tokenTable.read(workspace.placeOf('instruct-read', `extract/${each}/tokens.parquet`))),
  );
  expect(read.prompts * read.tokens).toBeCloseTo(rows.flat().length, 6);
  // A read prompt ends where its answer would begin.
  expect(read.prompts * (size.promptTokens - read.promptTokens)).toBeCloseTo(read.prompts * idsOf('a:').length, 6);
});

test('a steered model writes on from a cut prompt within its chat, and answers a whole one', async () => {
  const told = { study: workspace.placeOf('instruct', ''), root: rootOf('instruct') };
  const { signal } = new AbortController();
  const { extract } = await readPlan(studyFolder(told.study, told.root));
  const asked = { ...told, task: 'weather', strengths: [2], prompts: ['How wet is it?'], signal };
  // Among what ends a text here are letters.
  const shown = (ids: Iterable<number>) => textOf([...ids].filter((id) => !endTokens.includes(id)));
  const [{ opening, text, perplexity }] = await steerSamples(asked);
  expect(opening).toBe(shown(idsOf('How wet is it?')));
  const whole = chat('How wet is it?', true);
  const cut = (await steerSampleTable.read(workspace.placeOf('instruct', 'steer/samples.parquet'))).filter(
    ({ strength, task, direction }) => strength === 0 && task === 'weather' && direction === 'network',
  );
  const bank = readFileSync(workspace.placeOf('prompts', 'small.csv'), 'utf8')
    .split('\n')
    .map((line) => line.split(','));
  const begun = cut.map(({ prompt_id }) => bank.find(([id]) => id === prompt_id)![3].slice(0, 6));
  expect(cut.map((each) => each.opening)).toEqual(begun.map((own) => shown(idsOf(own))));
  const subject = await loadSubject(model(), { tap: false });
  const written = [whole, ...begun.map((own) => `<s>s:Be brief.</s>u:${own}`)].map((own) =>
    Int32Array.from(idsOf(own)),
  );
  const { tokens } = await subject.generate({
    ...{ prompts: written, promptKeys: ['How wet is it?', ...cut.map(({ prompt_id }) => prompt_id)] },
    ...{ newTokens: 3, endTokens, stopAtEnd: true, sampling: studySampling(extract, extract.seed) },
  });
  await subject.release();
  expect([text, ...cut.map((each) => each.text)]).toEqual(tokens.map(shown));
  const losses = await openLossSubject(model(), {});
  const [expected] = await losses.losses({
    ...{ texts: tokens.map((own, o) => Int32Array.of(...written[o], ...own)), changes: [[]], signal },
    scoredFrom: written.map(({ length }) => length),
  });
  await losses.release();
  for (const [o, found] of [Math.log(perplexity), ...cut.map(({ loss }) => loss)].entries())
    expect(found).toBeCloseTo(expected[o], 5);
});

test('the report says what was presented, once in full', () => {
  const page = readFileSync(workspace.placeOf('instruct', 'report/index.html'), 'utf8');
  const written = chat('{prompt}', true).replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  expect(page.split(written)).toHaveLength(2);
  expect(page).toContain('in the model’s own chat template, after a system text');
});

test('of prompts that are read the template’s tokens are context, and have no rows', async () => {
  const prompts = await texts('instruct-read');
  const folder = workspace.placeOf('instruct-read', `extract/${run}`);
  const rows = await tokenTable.read(join(folder, 'tokens.parquet'));
  expect(rows.map(({ token_id }) => token_id)).toEqual(prompts.flatMap(idsOf));
  const subject = await loadSubject(model(), { sites: { include: ['*.0.fc2'] } });
  const [{ name, width }] = subject.sites;
  const expected: number[] = [];
  const before = idsOf(chat('', false)).length - 1;
  await subject.read({
    texts: prompts.map((text) => Int32Array.from(idsOf(chat(text, false)))),
    async onPassage({ text, from, tokens, sites }) {
      expect([from, tokens.length]).toEqual([0, idsOf(chat(prompts[text], false)).length]);
      expected.push(...sites.get(name)!.subarray(before * width, (tokens.length - 1) * width));
    },
  });
  await subject.release();
  const file = await openActivationFile(join(folder, 'activations.arrow'));
  const at = file.columns.findIndex(({ site }) => site === name);
  const found: number[] = [];
  for await (const { values } of file.batches()) found.push(...values[at]);
  await file.close();
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i], 5);
  // With the template before it the first token is predicted too.
  expect(rows.every(({ log_probability }) => log_probability < 0)).toBe(true);
});
