import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { galvaniVersion } from '@galvani/artifact';
import {
  answer,
  answerJson,
  commandCaller,
  detail,
  explain,
  outputMode,
  setCaller,
  setOutput,
  UserMistake,
} from '@galvani/terminal';
import { Command, CommanderError } from 'commander';
import { clusterCommands } from './cluster-commands.js';
import { completeCommand, completionCommand } from './completion-commands.js';
import { examplesText } from './examples.js';
import { groupCommand } from './group-command.js';
import { initCommand } from './init-command.js';
import { maskCommand } from './mask-command.js';
import { modelCommands } from './model-commands.js';
import { jsonShape, outputOptions, wantedOutput } from './output-options.js';
import { replayCommand } from './replay-command.js';
import { stageCommands } from './stage-commands.js';
import { storeCommands } from './store-commands.js';
import { unitCommand } from './unit-command.js';
import { verifyCommand } from './verify-command.js';
import { viewCommand } from './view-command.js';

const epilogue = `${examplesText}

A study is a study.yaml, or the folder that holds one. Exit codes: 0 done, 1 failed, 2 a mistake in what was asked,
130 stopped by Ctrl-C; what is finished stays, and the same command resumes.`;

/** Does what the command line says. @throws UserMistake for what it does not take. */
export async function runProgram(words: readonly string[] = process.argv.slice(2)): Promise<void> {
  // Known before words are understood, since a mistake among them is told in the same way.
  setOutput(wantedOutput(words));
  setCaller(commandCaller());
  const { json, level } = outputMode();
  if (level === 'verbose') detail(versions());
  const head = { galvani: galvaniVersion, shape: jsonShape, command: commandIn(words) };
  try {
    await program().parseAsync(words, { from: 'user' });
  } catch (error) {
    // Commander's way to end after --help and --version.
    if (error instanceof CommanderError) return;
    if (json) {
      const { text, code } = explain(error);
      answerJson({ ...head, exitCode: code, error: text });
    }
    throw error;
  }
  if (json) answerJson({ ...head, exitCode: 0 });
}

/** The whole command line. Errors are thrown: commander's as UserMistake, so that every mistake ends with exit code 2. */
export function program(): Command {
  const command = new Command('galvani')
    .description('Functional neuroimaging for language models: which units does a task engage?')
    .version(galvaniVersion)
    .showHelpAfterError('(galvani --help lists the commands)')
    .addHelpText('after', epilogue);
  for (const option of outputOptions()) command.addOption(option);
  for (const part of [
    initCommand(),
    ...stageCommands(),
    ...clusterCommands(),
    groupCommand(),
    maskCommand(),
    replayCommand(),
    unitCommand(),
    verifyCommand(),
    viewCommand(),
    ...modelCommands(),
    ...storeCommands(),
    completionCommand(),
  ])
    command.addCommand(part);
  command.addCommand(completeCommand(program), { hidden: true });
  command.hook('preAction', (_, child) => refuseEmpty(child));
  throwInsteadOfExit(command);
  return command;
}

/** What is at work: results may differ between versions of onnxruntime, and between processors. */
function versions(): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  const { platform, arch, versions } = process;
  return `galvani ${galvaniVersion}, onnxruntime ${version}, Node ${versions.node}, ${platform} ${arch}, ${availableParallelism()} cores`;
}

/** The command that words name, as far as they name one: `store list`. */
function commandIn(words: readonly string[]): string {
  let found = program();
  const names: string[] = [];
  for (const word of words) {
    const next = found.commands.find((child) => child.name() === word);
    if (!next && !word.startsWith('-')) break;
    if (!next) continue;
    names.push(word);
    found = next;
  }
  return names.join(' ');
}

/** What an argument stands for where it may be empty: text for a model, which says itself what it needs. */
const mayBeEmpty = ['text', 'words'];

/**
 * An empty name of a file or folder would be the working folder.
 * @throws UserMistake for an argument or an option that is given and empty
 */
function refuseEmpty(command: Command): void {
  const given = [
    ...command.registeredArguments
      .map((argument, i) => ({ flag: `<${argument.name()}>`, value: command.processedArgs[i] }))
      .filter(({ flag }) => !mayBeEmpty.some((kind) => flag === `<${kind}>`)),
    ...command.options
      .filter(({ flags }) => !mayBeEmpty.some((kind) => flags.includes(`<${kind}`)))
      .map((option) => ({ flag: option.long ?? option.flags, value: command.getOptionValue(option.attributeName()) })),
  ];
  const empty = given.find(({ value }) => [value].flat().includes(''));
  if (empty)
    throw new UserMistake(
      `${empty.flag} is empty: give it a value${empty.flag.startsWith('-') ? ', or leave it out' : ''}.`,
    );
}

/** Help and version are text, however results are wanted. */
function answerHelp(text: string): void {
  setOutput();
  answer(text.replace(/\n$/, ''));
}

function throwInsteadOfExit(command: Command): void {
  command.configureOutput({ writeOut: answerHelp, writeErr: () => undefined });
  command.configureHelp({ showGlobalOptions: true });
  command.exitOverride((error: CommanderError) => {
    if (error.exitCode === 0) throw error;
    const text =
      error.code === 'commander.help'
        ? `which command? ${command.commands.map((child) => child.name()).join(', ')}; --help says what they do.`
        : error.message.replace(/^error: /, '');
    throw new UserMistake(text, { cause: error });
  });
  for (const child of command.commands) throwInsteadOfExit(child);
}
