import { answer, answerFacts, answerJson, detail, note, say, setOutput, warn } from '@galvani/terminal';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let out: string;
let err: string;
beforeEach(() => {
  [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation(((text: string, done?: () => void) => {
    out += text;
    done?.();
    return true;
  }) as never);
  vi.spyOn(process.stderr, 'write').mockImplementation(((text: string, done?: () => void) => {
    err += text;
    done?.();
    return true;
  }) as never);
});
afterEach(() => {
  vi.restoreAllMocks();
  setOutput();
});

function speak(): void {
  say('12 units');
  note('in a file');
  detail('2 s');
  warn('few prompts');
  answer('all of it', { units: 12, z: Number.NaN, ids: new Int32Array([1, 2]) });
  answerFacts({ more: true });
}

test.each([
  ['usual', 'in a file\ngalvani: few prompts\n'],
  ['quiet', 'galvani: few prompts\n'],
  ['verbose', 'in a file\n2 s\ngalvani: few prompts\n'],
] as const)('%s: results on standard output, and on standard error what is wanted', (level, said) => {
  setOutput({ level });
  speak();
  expect([out, err]).toEqual(['12 units\nall of it\n', said]);
});

test('as JSON one object alone is on standard output, and what was said is on standard error', () => {
  setOutput({ json: true });
  speak();
  expect([out, err]).toEqual(['', '12 units\nin a file\ngalvani: few prompts\n']);
  answerJson({ exitCode: 0 });
  expect(JSON.parse(out)).toEqual({
    exitCode: 0,
    units: 12,
    z: 'NaN',
    ids: [1, 2],
    more: true,
    warnings: ['few prompts'],
  });
});

test('nothing is left of one command for the next', () => {
  setOutput({ json: true });
  speak();
  setOutput({ json: true });
  answerJson({});
  expect(JSON.parse(out)).toEqual({ warnings: [] });
});
