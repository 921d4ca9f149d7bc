import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { decodeText, readJsonFile, readPieces, readTextFile, readTextFileIfThere, UserMistake } from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'galvani-text-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array = '') => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const mistake = async (path: string, options = {}) => {
  const error = await readTextFile(path, options).catch((e: Error) => e);
  expect(error).toBeInstanceOf(UserMistake);
  return (error as Error).message;
};

test('text comes as it stands, without a byte order mark', async () => {
  expect(await readTextFile(file('plain', 'é\r\n\u{1F600}'))).toBe('é\r\n\u{1F600}');
  expect(await readTextFile(file('marked', '\u{FEFF}{}'))).toBe('{}');
  expect(await readTextFile(file('empty'))).toBe('');
});

test('what is not a regular file is refused and not waited for', async () => {
  mkdirSync(join(folder, 'inner'));
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  symlinkSync('/dev/zero', join(folder, 'device'));
  symlinkSync('round', join(folder, 'round'));
  expect(await mistake(join(folder, 'inner'))).toMatch(/inner is a folder, not a file/);
  expect(await mistake(join(folder, 'fifo'))).toMatch(/fifo is a pipe, and only regular files are read/);
  expect(await mistake(join(folder, 'device'))).toMatch(/device is a device, and only regular files are read/);
  expect(await mistake(join(folder, 'round'))).toMatch(/round is a link that leads round in a circle/);
  expect(await mistake('a\0b')).toMatch(/no path of a file/);
  await expect(readPieces(join(folder, 'fifo')).next()).rejects.toThrow(/fifo is a pipe/);
});

test('a file’s pieces are the file', async () => {
  const bytes = Uint8Array.from({ length: (2 << 20) + 5 }, (_, i) => i % 251);
  const pieces: Uint8Array[] = [];
  for await (const piece of readPieces(file('pieces', bytes))) pieces.push(piece);
  expect(Math.max(...pieces.map(({ length }) => length))).toBe(1 << 20);
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
});

test('a missing file is a sentence, or undefined where it may be missing', async () => {
  expect(await mistake(join(folder, 'none'))).toMatch(/none does not exist\./);
  expect(await mistake(join(folder, 'none'), { missing: 'there is no study.' })).toBe('there is no study.');
  expect(await readTextFileIfThere(join(folder, 'none'))).toBeUndefined();
  expect(await readTextFileIfThere(join(file('plain'), 'below'))).toBeUndefined();
});

test('a file that is too large is not read', async () => {
  const huge = file('huge');
  truncateSync(huge, 2 ** 40);
  expect(await mistake(huge)).toMatch(/huge holds more than 67\.1 MB/);
  expect(await readTextFile(file('ten', '0123456789'), { largest: 10 })).toBe('0123456789');
  expect(await mistake(file('eleven', '0123456789a'), { largest: 10 })).toMatch(/more than 10 B/);
});

test('bytes that are not UTF-8 are named by line and column, and never become U+FFFD', () => {
  const told = (...parts: (string | number[])[]) => {
    const bytes = Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))),
    );
    try {
      return decodeText(bytes, 'p.csv');
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(told('id,text\n1,caf', [0xe9], ' noir\n')).toMatch(
    /^p\.csv:2:6: the byte 0xE9 .* \(in Windows-1252 it is é\)/,
  );
  expect(told('\u{1F600}\u{FFFD}é', [0x93])).toMatch(/^p\.csv:1:4: the byte 0x93 .* it is “/);
  // A character that its line's end or the file's end cuts, a surrogate, an overlong form, a byte beyond Unicode.
  expect(told('a', [0xe2, 0x82], '\nb')).toMatch(/^p\.csv:1:2: the byte 0xE2/);
  expect(told('a\nb', [0xf0, 0x9f, 0x98])).toMatch(/^p\.csv:2:2: the byte 0xF0/);
  expect(told([0xed, 0xa0, 0x80])).toMatch(/^p\.csv:1:1: the byte 0xED/);
  expect(told('x', [0xc0, 0x80])).toMatch(/^p\.csv:1:2: the byte 0xC0/);
  expect(told([0xf4, 0x90, 0x80, 0x80])).toMatch(/^p\.csv:1:1: the byte 0xF4/);
  expect(told([0xff, 0xfe, 0x61, 0x00])).toMatch(/^p\.csv is UTF-16 text/);
  expect(told([0xfe, 0xff, 0x00, 0x61])).toMatch(/^p\.csv is UTF-16 text/);
  expect(told([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0])).toMatch(/^p\.csv is UTF-32 text/);
  expect(told([0, 0, 0xfe, 0xff, 0, 0, 0, 0x61])).toMatch(/^p\.csv is UTF-32 text/);
  expect(told('\u{FFFD}')).toBe('\u{FFFD}');
});

test('every text that is UTF-8 is read back, and one wrong byte anywhere is found at its place', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 40 }),
      (before, after) => {
        const text = before.replace(/^\u{FEFF}/u, '') + after;
        expect(decodeText(Buffer.from(text), 'f')).toBe(text.replace(/^\u{FEFF}/u, ''));
        const lines = before.split('\n');
        const column = [...(lines.at(-1) ?? '').replace(/^\u{FEFF}/u, lines.length === 1 ? '' : '\u{FEFF}')].length + 1;
        const bytes = Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(`b${after}`)]);
        expect(() => decodeText(bytes, 'f')).toThrow(`f:${lines.length}:${column}: the byte 0xFF`);
      },
    ),
    { numRuns: 50 },
  );
});

test('JSON that is none is named with its file', async () => {
  expect(await readJsonFile(file('good.json', '{"a":[1]}'))).toEqual({ a: [1] });
  await expect(readJsonFile(file('bad.json', '{"a":'))).rejects.toThrow(/bad\.json is not JSON: .+/);
});
