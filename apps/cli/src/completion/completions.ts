import type { Argument, Command, Option } from 'commander';
import { studiesNear } from './studies-near.js';

/** What may stand in the place of a word that is being written. */
export interface Completions {
  /** Each with what help says of it. */
  candidates: { value: string; description: string }[];
  /** Whether it may be the name of a file or folder too. */
  files: boolean;
}

/** What options and arguments mean that take neither files nor folders, by their value's name in help. */
const noFile = /^(n|number|numbers|name|names|text|t|k|p|which|size|time|ids|pattern|site|unit|type)$/;

/**
 * Completes a command line.
 * @param words those after `galvani`, the last as far as it is written; '' where it is not begun
 */
export function completions(program: Command, words: readonly string[]): Completions {
  const [partial = '', ...before] = [...joined(words)].reverse();
  const given = before.reverse();
  const { command, rest } = commandOf(program, given);
  const options = [...command.options, ...(command === program ? [] : program.options)];
  const assigned = /^(--[\w-]+)=(.*)$/s.exec(partial);
  if (assigned) {
    const [, flag, value] = assigned;
    const found = valuesOf(
      options.find((option) => isFlag(option, flag)),
      value,
    );
    return { ...found, candidates: found.candidates.map((each) => ({ ...each, value: `${flag}=${each.value}` })) };
  }
  const last = given.findLast((word) => word.startsWith('-'));
  const open = options.find((option) => last !== undefined && isFlag(option, last) && takesValue(option));
  const since = last === undefined ? 0 : given.length - 1 - given.lastIndexOf(last);
  if (open && !partial.startsWith('-') && (since === 0 || open.variadic)) return valuesOf(open, partial);
  if (partial.startsWith('-'))
    return {
      files: false,
      candidates: options
        .filter(
          ({ long, variadic, hidden }) => long?.startsWith(partial) && !hidden && (variadic || !given.includes(long)),
        )
        .map(({ long, description }) => ({ value: long!, description })),
    };
  if (command.commands.length > 0 && rest.length === 0)
    return {
      files: false,
      candidates: command
        .createHelp()
        .visibleCommands(command)
        .filter((child) => child.name() !== 'help' && child.name().startsWith(partial))
        .map((child) => ({ value: child.name(), description: child.description() })),
    };
  return argumentValues(argumentAt(command, rest.length), partial);
}

/** Words as a person wrote them: bash takes `--format=json` for three. */
function joined(words: readonly string[]): string[] {
  return words.flatMap((word, i) => {
    if (word !== '=' || !words[i - 1]?.startsWith('--')) return [word];
    return i === words.length - 1 ? [''] : [];
  });
}

/** The command that words name, and those of its arguments that are there. */
function commandOf(program: Command, words: readonly string[]): { command: Command; rest: string[] } {
  let command = program;
  const rest: string[] = [];
  let value: Option | undefined;
  for (const word of words) {
    if (word.startsWith('-')) {
      value = [...command.options, ...program.options].find((option) => isFlag(option, word) && takesValue(option));
      continue;
    }
    if (value) {
      if (!value.variadic) value = undefined;
      continue;
    }
    const child = rest.length === 0 ? command.commands.find((each) => each.name() === word) : undefined;
    if (child) command = child;
    else rest.push(word);
  }
  return { command, rest };
}

const isFlag = ({ long, short }: Option, word: string) => word === long || word === short;
const takesValue = ({ required, optional }: Option) => required || optional;

/** The argument of a command in a place, counted from 0. */
function argumentAt({ registeredArguments: own }: Command, place: number): Argument | undefined {
  const last = own.at(-1);
  return own[place] ?? (last?.variadic ? last : undefined);
}

function argumentValues(argument: Argument | undefined, partial: string): Completions {
  if (argument === undefined) return { candidates: [], files: false };
  if (argument.argChoices) return chosen(argument.argChoices, partial);
  if (argument.name() === 'study') return studies(partial);
  return { candidates: [], files: !noFile.test(argument.name()) };
}

function valuesOf(option: Option | undefined, partial: string): Completions {
  if (option === undefined) return { candidates: [], files: false };
  if (option.argChoices) return chosen(option.argChoices, partial);
  const name = /[<[]([^.>\]]+)/.exec(option.flags)?.[1] ?? '';
  if (name === 'study') return studies(partial);
  return { candidates: [], files: !noFile.test(name) };
}

const chosen = (choices: readonly string[], partial: string): Completions => ({
  files: false,
  candidates: choices.filter((each) => each.startsWith(partial)).map((value) => ({ value, description: '' })),
});

function studies(partial: string): Completions {
  const found = studiesNear(partial).filter((path) => path.startsWith(partial));
  return { files: found.length === 0, candidates: found.map((value) => ({ value, description: 'a study' })) };
}
