import { resolve } from 'node:path';
import {
  advised,
  answer,
  answerFacts,
  formatBytes,
  formatCount,
  interruptible,
  note,
  shellWord,
  startProgress,
  UserMistake,
  warn,
} from '@galvani/terminal';
import { Command, Option } from 'commander';
import { modelArgument, modelPath } from './model-argument.js';
import { positiveNumber, tokenIdLists, wholeNumber } from './number-option.js';

/** Commands about a model alone, without a study. */
export function modelCommands(): Command[] {
  return [traceCommand(), sitesCommand()];
}

interface TraceOptions {
  prompt?: string[];
  inputIds?: number[][];
  newTokens: number;
  out: string;
  sites?: string[];
  exclude?: string[];
  temperature?: number;
  topK?: number;
  topP?: number;
  seed: number;
  change?: string;
  storage: 'float32' | 'float16';
  batch?: number;
  device: 'cpu' | 'cuda' | 'webgpu';
  threads?: number;
}

function traceCommand(): Command {
  return new Command('trace')
    .description('record one prompt: an Arrow file with a row per generated token and a column per site')
    .argument(...modelArgument)
    .option('--prompt <text...>', 'the text to continue; several texts are recorded side by side')
    .option(
      '--input-ids <ids...>',
      'or its token ids, such as 5,7,9; several lists are recorded side by side',
      tokenIdLists,
    )
    .option('--new-tokens <n>', 'tokens to generate', wholeNumber(1), 16)
    .requiredOption('--out <file>', 'the Arrow file to write')
    .option(
      '--sites <pattern...>',
      'sites to record, * stands for anything; what lies inside modules is named with a # (galvani sites lists them; default: modules’ outputs and gated products)',
    )
    .option('--exclude <pattern...>', 'sites to leave out')
    .option(
      '--change <file>',
      'units to change, YAML or JSON: a list of { site, units: [0, 1], scale: 0, offset: 0.5 }, each unit y becoming scale * y + offset at every position; without units all of the site (docs/interventions.md)',
    )
    .option('--temperature <t>', 'sample instead of taking the most probable token', positiveNumber(10))
    .option('--top-k <k>', 'sample among the k most probable tokens', wholeNumber(1))
    .option('--top-p <p>', 'sample among the most probable tokens that hold this probability', positiveNumber(1))
    .option('--seed <n>', 'seed of sampling', wholeNumber(0), 1)
    .addOption(new Option('--storage <type>', 'how values are kept').choices(['float32', 'float16']).default('float32'))
    .option('--batch <n>', 'prompts at once (default: by memory)', wholeNumber(1))
    .addOption(new Option('--device <name>', 'where to run').choices(['cpu', 'cuda', 'webgpu']).default('cpu'))
    .option('--threads <n>', 'threads of onnxruntime (default: its own choice)', wholeNumber(1))
    .action(async (named: string, options: TraceOptions) => {
      const { prompt, inputIds, newTokens, out, sites, exclude, temperature, topK, topP, seed } = options;
      if ((prompt === undefined) === (inputIds === undefined))
        throw new UserMistake('trace needs either --prompt TEXT or --input-ids 5,7,9.');
      const sampled = temperature !== undefined || topK !== undefined || topP !== undefined;
      const { readChanges, trace } = await import('@galvani/extract');
      const changes = options.change === undefined ? undefined : await readChanges(options.change);
      const model = await modelPath(named);
      const count = (prompt ?? inputIds!).length;
      const progress = startProgress('trace', count * newTokens, 'tokens');
      const result = await interruptible(
        (signal) =>
          trace({
            model,
            ...(prompt ? { prompts: prompt } : { inputIds }),
            newTokens,
            out,
            sites: { include: sites, exclude },
            changes,
            sampling: sampled
              ? { method: 'sample', temperature: temperature ?? 1, topK, topP, seed }
              : { method: 'greedy' },
            storage: options.storage,
            batch: options.batch,
            device: options.device,
            threads: options.threads,
            signal,
            onTokens: (n) => progress.advance(n),
          }),
        'nothing of the recording was kept',
      ).finally(() => progress.finish());
      for (const warning of result.warnings) warn(warning);
      for (const [p, ids] of result.tokens.entries())
        answer(result.texts ? `${prompt?.[p] ?? ''}${result.texts[p]}` : ids.join(','));
      const units = result.sites.reduce((sum, { width }) => sum + width, 0);
      answerFacts({
        file: resolve(out),
        ...{ rows: result.rows, sites: result.sites, unitsPerToken: units, bytes: result.bytes },
        continuations: result.tokens.map((tokens, p) => ({
          ...{ prompt: prompt?.[p], text: result.texts?.[p], tokens },
          logProbabilities: result.logProbabilities[p],
        })),
      });
      note(
        `${out}: ${formatCount(result.rows)} rows, ${result.sites.length} sites, ${formatCount(units)} units a token, ${formatBytes(result.bytes)}`,
      );
    });
}

function sitesCommand(): Command {
  return new Command('sites')
    .description('list what can be recorded in a model')
    .argument(...modelArgument)
    .option('--sites <pattern...>', 'only sites that match')
    .option('--exclude <pattern...>', 'but not these')
    .action(async (model: string, options: { sites?: string[]; exclude?: string[] }) => {
      const { describeFixed, describeSubject, describeUnnamed } = await import('@galvani/model');
      const description = await describeSubject(await modelPath(model), {
        include: options.sites,
        exclude: options.exclude,
      });
      const { sites } = description;
      const nameWidth = Math.max(...sites.map(({ name }) => name.length));
      const lines = sites.map(
        ({ name, width, kind }) => `${name.padEnd(nameWidth)}  ${String(width).padStart(6)}  ${kind}`,
      );
      answer(lines.join('\n'), description);
      note(
        `${description.name}: ${description.architecture}, ${sites.length} sites, ${formatCount(description.unitsPerToken)} units a token (${formatBytes(description.bytesPerToken)} as float32), ${Number.isFinite(description.contextLength) ? `context of ${formatCount(description.contextLength)} tokens` : 'context of unknown length'}`,
      );
      const { unnamed, readOnly, further = [], fixed = [] } = description;
      if (further.length > 0)
        note(
          `${description.name}: ${further.length} further sites lie inside modules and are recorded where a pattern names them: ${[...new Set(further.map(({ name }) => `*${name.slice(name.indexOf('#'))}`))].join(', ')}. ${advised(`sites ${shellWord(model)} --sites '*#*'`)} lists them.`,
        );
      for (const sentence of describeFixed(fixed, sites.length)) note(`${description.name}: ${sentence}`);
      if (unnamed && unnamed.nodes > 0) warn(describeUnnamed(description.name, unnamed));
      if (readOnly) warn(`${description.name} can be read, and nothing generated from it: ${readOnly}.`);
    });
}
