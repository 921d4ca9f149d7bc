import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { completions } from '../src/completion/completions.js';
import { studiesNear } from '../src/completion/studies-near.js';
import { program } from '../src/program.js';
import { galvani } from './run-command.js';

const root = mkdtempSync(join(tmpdir(), 'galvani-completion-'));
beforeAll(() => {
  for (const name of ['pipelines/default', 'pipelines/deep', 'mine', 'node_modules/pkg', 'empty']) {
    mkdirSync(join(root, name), { recursive: true });
    if (name !== 'empty') writeFileSync(join(root, name, 'study.yaml'), 'tasks: [a]\n');
  }
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(root, { recursive: true, force: true }));

const values = (...words: string[]) => completions(program(), words).candidates.map(({ value }) => value);

describe('words are completed by what the program knows', () => {
  test('commands, those of a group, and with what help says of them', () => {
    expect(values('ver')).toEqual(['verify']);
    expect(values('')).toEqual(expect.arrayContaining(['run', 'glm', 'store', 'completion']));
    expect(values('')).not.toContain('complete');
    expect(values('store', '')).toEqual(['list', 'verify', 'prune']);
    expect(completions(program(), ['powe']).candidates[0].description).toMatch(/how many prompts/);
  });
  test('options of the command and of every command, given ones only where they repeat', () => {
    expect(values('verify', '--')).toEqual(['--out', '--version', '--json', '--quiet', '--verbose']);
    expect(values('verify', '--json', '--j')).toEqual([]);
    expect(values('--qu')).toEqual(['--quiet']);
    expect(values('trace', 'm', '--prompt', 'a', '--pr')).toEqual(['--prompt']);
  });
  test('values of choices, after a space, an equals sign, and as bash parts words', () => {
    expect(values('mask', 'x', '--format', '')).toEqual(['safetensors', 'json', 'parquet', 'csv']);
    expect(values('mask', 'x', '--format', 'p')).toEqual(['parquet']);
    expect(values('mask', 'x', '--format=j')).toEqual(['--format=json']);
    expect(values('mask', 'x', '--format', '=', 'j')).toEqual(['json']);
    expect(values('mask', 'x', '--format', '=')).toEqual(['safetensors', 'json', 'parquet', 'csv']);
    expect(values('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });
  test('files where a file is meant, and nothing where a number or a name is', () => {
    const files = (...words: string[]) => completions(program(), words).files;
    expect(files('trace', 'm', '--out', '')).toBe(true);
    expect(files('sites', '')).toBe(true);
    expect(files('glm', '--series', 'r')).toBe(true);
    expect(files('trace', 'm', '--seed', '')).toBe(false);
    expect(files('mask', 'x', '--task', '')).toBe(false);
    expect(files('frobnicate', '')).toBe(false);
  });
});

test('studies are folders with a study.yaml, two folders deep', () => {
  const below = (partial: string) => studiesNear(join(root, partial)).map((path) => path.slice(root.length + 1));
  expect(studiesNear(`${root}/`).map((path) => path.slice(root.length + 1))).toEqual([
    'mine',
    'pipelines/deep',
    'pipelines/default',
  ]);
  expect(below('pipelines/de')).toEqual(['pipelines/deep', 'pipelines/default']);
  expect(studiesNear(`${root}/nowhere/`)).toEqual([]);
  expect(values('run', `${root}/pipelines/def`)).toEqual([`${root}/pipelines/default`]);
});

test('complete prints lines for a shell', async () => {
  expect(await galvani('complete', '--', 'store', 'li')).toMatch(/^list\t\S.*\n$/);
  expect(await galvani('complete', '--', 'trace', 'm', '--out', '')).toBe(':files\n');
  expect(await galvani('complete', '--', 'verify', '--js')).toMatch(/^--json\t/);
});

test('bash completes with the script', async () => {
  const answers = new Map([
    ['ver', await galvani('complete', '--', 'ver')],
    ['mask x --format p', await galvani('complete', '--', 'mask', 'x', '--format', 'p')],
    ['trace m --out ru', await galvani('complete', '--', 'trace', 'm', '--out', 'ru')],
  ]);
  vi.restoreAllMocks();
  const script = (await galvani('completion', 'bash')) as string;
  vi.restoreAllMocks();
  // The command itself takes a while to start: what it prints is known.
  const cases = [...answers].map(
    ([words, lines]) => `'complete -- ${words}') printf '%s' '${lines.replaceAll("'", "'\\''")}';;`,
  );
  writeFileSync(join(root, 'galvani'), `#!/bin/bash\ncase "$*" in\n${cases.join('\n')}\nesac\n`);
  chmodSync(join(root, 'galvani'), 0o755);
  const completed = (line: string) => {
    const words = line.split(' ');
    const ask = `
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
compopt() { echo "compopt $*"; }
_galvani; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p galvani`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `${script}\n${ask}`], {
      env: { PATH: `${root}:${process.env.PATH}` },
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return stdout.trim().split('\n');
  };
  const registered = 'complete -o default -F _galvani galvani';
  expect(completed('galvani ver')).toEqual(['compopt +o default', 'verify', registered]);
  expect(completed('galvani mask x --format p')).toEqual(['compopt +o default', 'parquet', registered]);
  expect(completed('galvani trace m --out ru')).toEqual(['compopt +o default', 'compopt -o default', '', registered]);
});
