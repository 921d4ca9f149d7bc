import type { Command, Option } from 'commander';
import { examples } from './examples.js';
import { commonFields, type JsonFields, jsonFields } from './json-fields.js';

const preface = `# Commands

<!-- Written by npm run docs:commands from the program itself. -->

Exit codes of every command: 0 done, 1 failed, 2 a mistake in what was asked, 130 stopped by Ctrl-C; what is finished stays, and the same command resumes. A study is a
study.yaml, or the folder that holds one. \`galvani completion bash\` prints what completes all of this in a shell.
`;

/** The reference of the command line as Markdown, made of the program's own objects. */
export function commandReference(program: Command): string {
  return [
    preface,
    '## Options of every command\n',
    'They stand before or after the command’s name.\n',
    optionTable(program.options),
    '## Results as JSON\n',
    `With \`--json\` a command prints one object ([commands-json.md](commands-json.md)). Every object has\n`,
    fieldTable(commonFields),
    ...leaves(program).map(({ command, names }) => commandSection(command, names)),
  ].join('\n');
}

/** The commands that do something, with the words that name them. */
export function leaves(command: Command, before: readonly string[] = []): { command: Command; names: string }[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== 'help')
    .flatMap((child) => {
      const names = [...before, child.name()];
      return child.commands.length > 0 ? leaves(child, names) : [{ command: child, names: names.join(' ') }];
    });
}

function commandSection(command: Command, names: string): string {
  const own = examples.filter(([words]) => words === names || words.startsWith(`${names} `));
  const fields = jsonFields[names];
  return [
    `## galvani ${names}\n`,
    `${plain(sentence(command.description()))}\n`,
    `    galvani ${names} ${command.usage()}\n`,
    ...(command.registeredArguments.length > 0
      ? [
          table(
            ['argument', 'what it is', 'default'],
            command.registeredArguments.map((argument) => [
              code(
                argument.required
                  ? `<${argument.name()}${argument.variadic ? '...' : ''}>`
                  : `[${argument.name()}${argument.variadic ? '...' : ''}]`,
              ),
              argument.description,
              defaultText(argument.defaultValue),
            ]),
          ),
        ]
      : []),
    ...(command.options.length > 0 ? [optionTable(command.options)] : []),
    ...after(command),
    ...(own.length > 0
      ? [`Examples:\n`, `${own.map(([words, says]) => `    galvani ${words}  # ${says}`).join('\n')}\n`]
      : []),
    ...(fields === undefined ? [] : ['With `--json`:\n', fieldTable(fields)]),
  ].join('\n');
}

/** What help says below the options. */
function after(command: Command): string[] {
  let text = '';
  const { writeOut } = command.configureOutput();
  command.configureOutput({
    writeOut: (more) => {
      text += more;
    },
  });
  command.outputHelp();
  command.configureOutput({ writeOut });
  const more = text.slice(command.helpInformation().length).trim();
  return more === '' ? [] : [`${more.replaceAll('\n  ', '\n      ')}\n`];
}

function optionTable(options: readonly Option[]): string {
  return table(
    ['option', 'what it does', 'default'],
    options.map((option) => [
      code(option.flags),
      `${option.description}${option.argChoices ? `: ${option.argChoices.join(', ')}` : ''}${option.mandatory ? '; has to be given' : ''}`,
      defaultText(option.defaultValue),
    ]),
  );
}

function fieldTable(fields: JsonFields): string {
  return table(
    ['field', 'what it is'],
    Object.entries(fields).map(([name, what]) => [
      code(name.replace('?', '')),
      name.endsWith('?') ? `${what} (not always there)` : what,
    ]),
  );
}

/** Rows as a table; a column that is empty in all of them is left out. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = head.map((_, c) => rows.some((row) => row[c] !== ''));
  const line = (cells: readonly string[]) =>
    `| ${cells
      .filter((_, c) => used[c])
      .map((cell) => plain(cell).replaceAll('|', '\\|').replaceAll('\n', ' '))
      .join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

/** Text in which nothing outside of code is taken for a tag. */
const plain = (text: string) =>
  text
    .split('`')
    .map((part, i) => (i % 2 === 1 ? part : part.replaceAll('<', '\\<')))
    .join('`');
const code = (text: string) => `\`${text}\``;
const defaultText = (value: unknown) =>
  value === undefined || typeof value === 'boolean' ? '' : code([value].flat().join(' '));
const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
