import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandReference, leaves } from '../src/command-reference.js';
import { examples } from '../src/examples.js';
import { program } from '../src/program.js';

const written = new URL('../../../docs/commands.md', import.meta.url);

test('docs/commands.md is what npm run docs:commands writes', () => {
  expect(readFileSync(written, 'utf8')).toBe(commandReference(program()));
});

test('it has every command, argument and option', () => {
  const text = readFileSync(written, 'utf8');
  for (const { command, names } of leaves(program())) {
    const section = text.split(`\n## galvani ${names}\n`)[1]?.split('\n## ')[0] ?? '';
    for (const { flags, description } of command.options) {
      expect(section).toContain(`\`${flags.replaceAll('|', '\\|')}\``);
      expect(section.replaceAll('\\', '')).toContain(description);
    }
    for (const argument of command.registeredArguments) expect(section).toContain(argument.name());
  }
});

test('every example is of a command that there is, with options that it has', () => {
  const commands = leaves(program());
  for (const [words] of examples) {
    const found = commands.find(({ names }) => words.startsWith(`${names} `));
    expect(found, words).toBeDefined();
    const known = found?.command.options.map(({ long }) => long);
    for (const [flag] of words.matchAll(/--[\w-]+/g)) expect(known, words).toContain(flag);
  }
});
