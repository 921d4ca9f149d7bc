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

const examples = `
Examples:
  galvani init my-study                               a study of one's own to begin with
  galvani run pipelines/default/study.yaml            the whole study, then where the report is
  galvani networks pipelines/default/study.yaml       one stage of it
  galvani view pipelines/default                      look at it in the browser
  galvani verify pipelines/default                    whether every file is as it was written
  galvani sites data/models/frog                      what can be recorded in a model
  galvani trace data/models/frog --prompt "Fossils are" --new-tokens 8 --out fossils.arrow
  galvani glm --series run1.npy --events run1.tsv --config glm.yaml --out maps
                                                      a series of your own, without any model
  galvani mask pipelines/default --task pathology --sites '*.activation_fn'
                                                      a network as weights to fine-tune, for PyTorch
  galvani replay pipelines/default --site model.decoder.layers.3.fc1 --unit 7 --out unit.csv
                                                      a unit's activity at every token, recorded or not
  galvani unit pipelines/default model.decoder.layers.3.fc1 7
                                                      its values, statistics, and where it is highest and lowest
  galvani group pipelines/a pipelines/b pipelines/c    several models as subjects: docs/group.md
  galvani submit pipelines/default --executor slurm   the whole study on a cluster: docs/clusters.md
  galvani power pipelines/default                     how many prompts a study needs, from a recorded one
  galvani calibrate --quick                           how often each noise model is wrong

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
    .addHelpText('after', examples);
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
  ])
    command.addCommand(part);
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
const mayBeEmpty = ['text'];

/**
 * An empty name of a file or folder would be the working folder.
 * @throws UserMistake for an argument or an option that is given and empty
 */
function refuseEmpty(command: Command): void {
  const given = [
    ...command.registeredArguments.map((argument, i) => ({
      flag: `<${argument.name()}>`,
      value: command.processedArgs[i],
    })),
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
