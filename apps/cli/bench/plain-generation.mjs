// Generates from a checkpoint with no site recorded, 32 prompts at once, and writes a line of JSON: seconds for each prompt, loading left out.
//
//   node apps/cli/bench/plain-generation.mjs MODEL BANK NEW_TOKENS
import { readFile } from 'node:fs/promises';
import { loadSubject } from '@galvani/model';

const [model, bank, tokens] = process.argv.slice(2);
const batch = 32;
const subject = await loadSubject(model, { tap: false, digest: 'unused' });
const texts = (await readFile(bank, 'utf8')).split('\n').slice(1, 1 + batch);
const prompts = texts.map((line) => subject.tokenizer.encode(line.split(',')[2]));
const generate = (newTokens) => subject.generate({ prompts, newTokens, sampling: { method: 'greedy' } });
await generate(2);
const began = performance.now();
await generate(Number(tokens));
const seconds = (performance.now() - began) / 1000 / batch;
await subject.release();
process.stdout.write(`${JSON.stringify({ seconds })}\n`);
