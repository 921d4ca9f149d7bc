import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeOutput, digestOf, digestOfFile } from '@galvani/artifact';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-checksum-'));
});
afterAll(() => rm(folder, { recursive: true }));

// Of the Python package xxhash 3, `xxhash.xxh3_64_hexdigest`, and of coreutils' sha256sum; the last begins with zeros.
test.each([
  ['', '2d06800538d394c2', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', '78af5f94892f3950', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['91', '004901d6d0084f13', '1da51b8d8ff98f6a48f80ae79fe3ca6c26e1abb7b7d125259255d6d2b875ea08'],
])('a file that holds %j has the digests that others compute', async (content, xxh3, sha256) => {
  const path = join(folder, 'content');
  await writeFile(path, content);
  const bytes = content.length;
  expect(await digestOfFile(path, digestOf({ xxh3: '0'.repeat(16), bytes }))).toBe(digestOf({ xxh3, bytes }));
  expect(digestOf({ xxh3, bytes })).toBe(`xxh3:${xxh3}`);
  expect(await digestOfFile(path, '0'.repeat(64))).toBe(sha256);
  expect(digestOf(await describeOutput(path))).toBe(sha256);
});
