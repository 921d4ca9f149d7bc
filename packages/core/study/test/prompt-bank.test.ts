import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTable } from '@galvani/artifact';
import { embeddedPrompts } from '@galvani/frog';
import { edgeSpaceWarning, readPromptBank, topicsOf } from '@galvani/study';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  describe as describeBank,
  forms,
  lengthsByGroup,
  taskTopics,
  wordCount,
} from '../../../../data/prompts/describe.mjs';

/** Beginnings of words that belong to a task: a prompt on the task has one, a prompt on another topic has none. */
const vocabulary: Record<string, RegExp> = {
  'political-science':
    /\b(autocra|authoritarian|bicameral|bill|bureaucra|cabinet|candidate|citizen|civil right|congress|constitution|coup|democra|elect(ion|or)|federal|filibuster|gerrymander|govern|judicia|law(s\b|\b|mak|suit)|legislat|liberal|lobby|minister|monarch|nation(s\b|\b|al)|parliament|party|politic|president|referendum|republic|senat|sovereign|treat(y|ies)\b|veto|vot(e|er|ers|es|ing)\b)/i,
  'medical-imaging':
    /\b(anisotrop|computed|contrast agent|CT\b|diffusion|doppler|enhancing|hounsfield|imag(e|es|ing)\b|mammogra|MRI?\b|PET\b|radiation|radiograph|radiolog|resonance|scan|segmentation|tomograph|ultrasound|voxel|x-ray)/i,
  paleontology:
    /\b(ammonite|archaeopteryx|brachiopod|cambrian|coal bed|cretaceous|devonian|dinosaur|extinct|fossil|geolog|ice age|jurassic|limestone|mammoth|mastodon|mesozoic|paleo(bot|nto|zo)|permian|petrified|reptile|shale|triceratops|trilobite)/i,
  archaeology:
    /\b(amphora|ancient|archaeolog|artifact|arrowhead|babylon|bronze|burial|buried|cave|charcoal|cliff dwelling|cuneiform|egypt|excavat|flint|grave|inscription|megalith|midden|mound|neolithic|paleolithic|papyrus|potsherd|pottery|pots\b|prehistor|radiocarbon|romans?\b|ruins|stone (age|tool)|stonehenge|temple|tomb)/i,
  pathology:
    /\b(abscess|appendicitis|artery|atrophy|autops|bacteria|benign|biops|cancer|carcinoma|cell|cirrhosis|disease|edema|gangrene|granuloma|hemorrhage|hepatitis|hyperplasia|infarct|infect|inflam|kidney|lesion|leukemia|liver|lung|lymph|malignan|melanoma|metasta|microscop|necro|patholog|patient|polyp|scar|tissue|tubercul|tumor|ulcer|wound)/i,
};

/** What a prompt of a form looks like. */
const conventions: Record<string, RegExp> = {
  statement: /^[A-Z][^?:.!]*[a-z]$/,
  question: /^(What|How|Why|Which|When|Where|Who|Can|Did) [^?:.!]*\?$/,
  definition: /^[A-Z][^?:.!]* (is|refers to|means)$/,
  list: /^[A-Z][^?:.!]* (are|include):$/,
};

describe('the embedded bank', async () => {
  const bank = await readPromptBank(embeddedPrompts);
  const texts = bank.map((prompt) => prompt.text);
  const topics = topicsOf(bank);
  const others = topics.filter((topic) => !taskTopics.includes(topic));
  const of = (topic: string) => bank.filter((prompt) => prompt.topic === topic);

  test('is written as the README says: header, LF, a line a prompt', () => {
    const content = readFileSync(embeddedPrompts, 'utf8');
    expect(content.startsWith('id,topic,form,text\n')).toBe(true);
    expect(content).not.toMatch(/[\r\t]|^\uFEFF/);
    expect(content.split('\n')).toHaveLength(bank.length + 2);
    expect(content.endsWith('\n')).toBe(true);
  });

  test('has enough prompts of each form for the tasks and for the off blocks', () => {
    expect(taskTopics.map((topic) => of(topic).length)).toEqual([60, 60, 60, 60, 60]);
    expect(others.length).toBeGreaterThanOrEqual(30);
    for (const topic of others) expect(of(topic), topic).toHaveLength(16);
  });

  test('ids count from 1 in each topic, and forms take turns, so that any first prompts of a topic are balanced', () => {
    for (const topic of topics)
      expect(of(topic).map(({ id, form }) => [id, form])).toEqual(
        of(topic).map((_, i) => [`${topic}-${String(i + 1).padStart(3, '0')}`, forms[i % forms.length]]),
      );
    expect(bank.map((prompt) => prompt.topic)).toEqual(topics.flatMap((topic) => of(topic).map(() => topic)));
  });

  test.each(forms)('every %s keeps to its form', (form) => {
    for (const prompt of bank.filter((each) => each.form === form)) expect(prompt.text).toMatch(conventions[form]);
  });

  test('texts are plain: printable ASCII, single spaces, 6 to 14 words', () => {
    for (const text of texts) {
      expect(text).toMatch(/^[A-Za-z0-9 ,?:'-]+$/);
      expect(text).not.toMatch(/ {2}|^ | $/);
      expect(wordCount(text), text).toBeGreaterThanOrEqual(6);
      expect(wordCount(text), text).toBeLessThanOrEqual(14);
    }
  });

  test('no two prompts say nearly the same', () => {
    const contents = texts.map((text) => new Set(text.toLowerCase().match(/[a-z0-9'-]{4,}/g)));
    const near = contents.flatMap((one, i) =>
      contents.slice(0, i).flatMap((other, j) => {
        const shared = [...one].filter((word) => other.has(word)).length;
        return shared / (one.size + other.size - shared) > 0.5 ? [[texts[i], texts[j]]] : [];
      }),
    );
    expect(near).toEqual([]);
  });

  test('openings vary: in a topic three first words come twice at most, and few statements begin with "The"', () => {
    for (const topic of topics) {
      const openings = of(topic).map(({ text }) => text.split(' ', 3).join(' '));
      for (const opening of openings)
        expect(openings.filter((each) => each === opening).length, opening).toBeLessThan(3);
      const statements = of(topic).filter(({ form }) => form === 'statement');
      expect(statements.filter(({ text }) => text.startsWith('The ')).length / statements.length).toBeLessThanOrEqual(
        0.25,
      );
    }
  });

  test.each(taskTopics)('a prompt on %s says so, and one on another topic does not', (task) => {
    const says = ({ text }: { text: string }) => vocabulary[task].test(text);
    expect(of(task).filter((prompt) => !says(prompt))).toEqual([]);
    expect(others.flatMap(of).filter(says)).toEqual([]);
  });

  test.each(forms)('%s: the task topics and the pool of others have the same lengths', (form) => {
    const groups = lengthsByGroup(bank).filter((group) => group.form === form);
    expect(groups).toHaveLength(6);
    const ratio = (values: number[]) => Math.max(...values) / Math.min(...values);
    const words = groups.map((group) => group.words.mean);
    expect(Math.max(...words) - Math.min(...words)).toBeLessThanOrEqual(0.4);
    expect(ratio(groups.map((group) => group.characters.mean))).toBeLessThanOrEqual(1.08);
    expect(Math.max(...groups.map((group) => group.words.sd))).toBeLessThanOrEqual(1.1);
    expect(Math.max(...groups.map((group) => group.characters.sd))).toBeLessThanOrEqual(7);
  });

  test('endings and question words are shared out alike, since the first token answers the last words', () => {
    const share = (topic: string[], form: string, pattern: RegExp) => {
      const those = topic.flatMap(of).filter((prompt) => prompt.form === form);
      return those.filter(({ text }) => pattern.test(text)).length / those.length;
    };
    const kinds: [string, RegExp][] = [
      ['question', /^What/],
      ['question', /^How/],
      ['question', /^Why/],
      ['definition', / is$/],
      ['definition', / refers to$/],
      ['definition', / means$/],
      ['list', / are:$/],
      ['list', / include:$/],
    ];
    for (const [form, pattern] of kinds)
      for (const task of taskTopics)
        expect(
          Math.abs(share([task], form, pattern) - share(others, form, pattern)),
          `${task} ${pattern}`,
        ).toBeLessThan(0.06);
  });

  test('README prints its present counts and lengths', () => {
    const readme = readFileSync(join(embeddedPrompts, '../README.md'), 'utf8');
    expect(readme).toContain(describeBank(bank));
  });
});

describe('a bank of one’s own', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'prompt-bank-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const csv = (content: string) => {
    const path = join(folder, 'bank.csv');
    writeFileSync(path, content);
    return readPromptBank(path);
  };

  test('may be quoted, begin with a byte-order mark, end lines with CR LF, and have further columns', async () => {
    expect(await csv('\uFEFFtopic,id,text,by\r\nbirds,b1,"A wren, or ""jenny"", is\nsmall and",me\r\n')).toEqual([
      { id: 'b1', topic: 'birds', form: 'unknown', text: 'A wren, or "jenny", is\nsmall and' },
    ]);
  });

  test('may be Parquet', async () => {
    const path = join(folder, 'bank.parquet');
    const rows = [{ id: 'b1', topic: 'birds', form: 'statement', text: 'Wrens sing because' }];
    await writeTable(path, { id: 'text', topic: 'text', form: 'text', text: 'text' }, rows);
    expect(await readPromptBank(path)).toEqual(rows);
  });

  test.each([
    ['id,text\nb1,Wrens sing', /bank\.csv lacks the column topic; prompts need id, topic, text/],
    ['id,topic,text\n', /holds no prompts/],
    ['id,topic,text\nb1,birds,Wrens sing\nb2,birds,', /bank\.csv:3: text is empty/],
    ['id,topic,text\nb1,Sea birds,Terns fly', /bank\.csv:2: topic 'Sea birds' must be lower-case/],
    ['id,topic,text\nb1,birds,Wrens sing\nb1,birds,Terns fly', /bank\.csv:3: id 'b1' was used before.*bank\.csv:2/],
    ['id,topic,text\nb1,birds,Wrens sing\nb2,birds,Wrens sing', /bank\.csv:3: this text was used before/],
    ['id,topic,text\nb1,birds\n', /bank\.csv:2: this is not CSV: there are 2 fields, and the header names 3 columns/],
    [
      'id,topic,text\nb1,birds,"A wren\nis small\nb2,birds,Terns fly',
      /bank\.csv:2: this is not CSV: a field begins with a quote/,
    ],
    ['id,topic,text\nb1,birds,A "wren" is', /bank\.csv:2: this is not CSV: a quote stands inside a field/],
    ['id,topic,text\nb1,birds,"A wren\nis",x', /bank\.csv:2: this is not CSV: there are 4 fields/],
    ['id,topic,text,text\nb1,birds,A wren is,WRONG', /bank\.csv:1: the column 'text' is there twice/],
    ['id,topic,text, text\nb1,birds,A wren is,WRONG', /bank\.csv:1: the column 'text' is there twice/],
    ['id,topic,text,Text\nb1,birds,A wren is,WRONG', /bank\.csv: the column 'Text' is not 'text', which is there too/],
    ['id,topic,text,Form\nb1,birds,A wren is,list', /bank\.csv: the column 'Form' is not 'form', which would be read/],
    ['ID,topic,text\nb1,birds,A wren is', /lacks the column id; .* Is 'ID' the column id\?/],
    ['id,topic,text\nb1,nan,A wren is', /bank\.csv:2: topic is 'nan', which tables write for a missing value/],
    ['id,topic,text\nb1,birds,  \n', /bank\.csv:2: text is empty/],
  ])('says what is wrong and where: %j', async (content, message) => {
    await expect(csv(content)).rejects.toThrow(message);
  });

  test('keeps texts as they are written, white space at their ends too, and so tells them apart', async () => {
    const texts = ['x', 'x ', '  x is ', 'Q: 0?\n\nA:\n', '\u00A0x\u3000', '\uFEFFx\t'];
    const lines = texts.map((text, i) => `${i},birds,"${text}"`);
    const bank = await csv(`\uFEFFid,topic,text\n${lines.join('\n')}\n`);
    expect(bank.map(({ text }) => text)).toEqual(texts);
    expect(edgeSpaceWarning(bank, 'bank.csv')).toBeUndefined();
    expect(edgeSpaceWarning(bank.slice(1, 3), 'bank.csv')).toBe(
      'every text in bank.csv ends with white space, which the model reads as part of the prompt.',
    );
    expect(edgeSpaceWarning([], 'bank.csv')).toBeUndefined();
  });

  test('must be UTF-8', async () => {
    const path = join(folder, 'bank.csv');
    writeFileSync(path, Buffer.from('id,topic,text\nb1,birds,caf\xE9', 'latin1'));
    await expect(readPromptBank(path)).rejects.toThrow(/bank\.csv:2:13: the byte 0xE9 is not UTF-8/);
    writeFileSync(path, Buffer.from('\uFEFFid,topic,text\n', 'utf16le'));
    await expect(readPromptBank(path)).rejects.toThrow(/bank\.csv is UTF-16 text/);
    writeFileSync(path, Buffer.from('id,topic,text\n', 'utf16le'));
    await expect(readPromptBank(path)).rejects.toThrow(/bank\.csv:1: there is a zero byte/);
  });

  test('must exist', async () => {
    await expect(readPromptBank(join(folder, 'none.csv'))).rejects.toThrow(/there is no prompt bank at/);
  });
});
