import { basename } from 'node:path';
import type { InferenceSession, Tensor } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import { createTokenChooser, distributionsFor } from '../forward/choose.js';
import { checkInterventions } from '../forward/interventions.js';
import {
  cannotGenerate,
  checkRequest,
  type Generation,
  type GenerationRequest,
  type RecordedStep,
} from '../forward/request.js';
import { textEnds, upToEnds } from '../forward/text-ends.js';
import { type ImportedPorts, textFeeds } from './imported-inputs.js';
import { floatsOf, runImported } from './imported-session.js';
import type { ImportedSite } from './imported-site.js';
import { groupPrompts, nextRun, type PromptGroup } from './prompt-groups.js';
import { entropiesOutput, logProbabilitiesOutput, readoutFeed, temperedOutput } from './readout-nodes.js';
import { outputOf } from './tap-graph.js';
import { activationFeeds, changeFeeds } from './tapped-run.js';

/** A tapped session over an imported graph. */
export interface ImportedGenerator {
  path: string;
  session: InferenceSession;
  sites: readonly ImportedSite[];
  /** The sites that can be intervened on. */
  intervened: readonly ImportedSite[];
  ports: ImportedPorts;
  vocabularySize: number;
  contextLength: number;
  /** Whether a new token's keys and values are cached right behind its text's own, in the place of padding. Default: behind all columns. */
  packsCache?: boolean;
  /** Why it cannot be generated from, where it cannot. */
  readOnly?: string;
}

/**
 * Generates as `Subject.generate` says. Without cached keys and values every step computes the whole prefix anew.
 *
 * @param groups the prompts that go through the graph together. Default: those of one length
 */
export async function generateImported(
  generator: ImportedGenerator,
  request: GenerationRequest,
  groups: readonly PromptGroup[] = groupPrompts(request.prompts, generator.ports.mostRows),
): Promise<Generation> {
  const { vocabularySize, sites, readOnly, path } = generator;
  if (readOnly) throw new UserMistake(cannotGenerate(basename(path), readOnly));
  checkRequest(request, vocabularySize, generator.contextLength);
  checkInterventions(generator.intervened, request.interventions, request.prompts.length);
  const { prompts, newTokens, sampling, onStep, signal } = request;
  const { temperature } = distributionsFor(sampling);
  const chooser = createTokenChooser(sampling, request.promptKeys ?? prompts.map((_, i) => i));
  const result: Generation = {
    tokens: prompts.map(() => new Int32Array(newTokens)),
    logProbabilities: prompts.map(() => new Float32Array(newTokens)),
    entropies: prompts.map(() => new Float32Array(newTokens)),
  };
  const changes = new Map(
    groups.map((group) => [group, changeFeeds(generator.intervened, request.interventions, group.rows)]),
  );
  const ends = textEnds(prompts.length, request.endTokens);
  const ended = (row: number) => request.stopAtEnd === true && ends.lengthOf(row) !== undefined;
  let pending: unknown;
  for (let position = 0; position < newTokens; position++) {
    signal?.throwIfAborted();
    const activations = new Map(sites.map(({ name, width }) => [name, new Float32Array(prompts.length * width)]));
    const distributions = new Float32Array(prompts.length * vocabularySize);
    const step: RecordedStep = {
      position,
      rows: prompts.length,
      tokens: new Int32Array(prompts.length),
      logProbabilities: new Float32Array(prompts.length),
      entropies: new Float32Array(prompts.length),
      distributions,
      sites: activations,
    };
    for (const group of groups) {
      if (group.rows.every(ended)) continue;
      const read = await runGroup(
        generator,
        group,
        { ...changes.get(group)!, ...readoutFeed(temperature) },
        activations,
      );
      for (const [i, row] of group.rows.entries()) {
        const part = [i * vocabularySize, (i + 1) * vocabularySize] as const;
        const distribution = distributions.subarray(row * vocabularySize, (row + 1) * vocabularySize);
        distribution.set(read.logProbabilities.subarray(...part));
        const argmax = sampling.method === 'greedy' ? firstLargest(distribution) : -1;
        const tempered = temperature === undefined ? undefined : read.tempered.subarray(...part);
        const token = chooser.choose(row, distribution, read.entropies[i], argmax, position, tempered);
        group.texts[i].push(token);
        ends.take(row, token, position);
        step.tokens[row] = result.tokens[row][position] = token;
        step.logProbabilities[row] = result.logProbabilities[row][position] = distribution[token];
        step.entropies[row] = result.entropies[row][position] = read.entropies[i];
      }
    }
    await pending;
    const stored = onStep?.(step);
    // A failure is thrown where the promise is waited for, not reported as unhandled before.
    stored?.catch(() => {});
    pending = stored;
    if (request.stopAtEnd && ends.all()) break;
  }
  await pending;
  return request.stopAtEnd ? upToEnds(result, ends) : result;
}

function firstLargest(values: Float32Array): number {
  let found = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[found]) found = i;
  return found;
}

/** What is read off the logits of some rows. */
interface GroupReadout {
  /** [rows x vocabulary], in nats. */
  logProbabilities: Float32Array;
  /** [rows], in nats. */
  entropies: Float32Array;
  /** Probabilities at the temperature that was fed [rows x vocabulary]; empty where none was. */
  tempered: Float32Array;
}

/** One step of a group: the activations at each text's last position go to its prompts' rows, what is read off the logits there is returned. */
async function runGroup(
  { session, ports, sites, path }: ImportedGenerator,
  group: PromptGroup,
  changes: Record<string, Tensor>,
  activations: ReadonlyMap<string, Float32Array>,
): Promise<GroupReadout> {
  const { tokens, before, tokenAt, last, laid } = nextRun(group);
  const text = textFeeds(ports, tokens, before, group.cached?.past, tokenAt);
  const places = last.map((column, row) => ({ row, column }));
  const feeds = { ...activationFeeds(session, text, tokens[0].length, places), ...changes };
  const fetches = [
    ...sites.map(({ name }) => outputOf(name)),
    ...[logProbabilitiesOutput, entropiesOutput, temperedOutput],
    ...ports.caches.map(({ present }) => present),
  ];
  const outputs = await runImported(session, feeds, fetches, path);
  if (ports.caches.length > 0) {
    const past = new Map(ports.caches.map(({ past, present }) => [past, outputs[present]]));
    group.cached = { past, ...laid };
  }
  for (const { name, width } of sites) {
    const found = floatsOf(outputs[outputOf(name)]);
    const into = activations.get(name) as Float32Array;
    for (const [i, row] of group.rows.entries()) into.set(found.subarray(i * width, (i + 1) * width), row * width);
  }
  return {
    logProbabilities: floatsOf(outputs[logProbabilitiesOutput]),
    entropies: floatsOf(outputs[entropiesOutput]),
    tempered: floatsOf(outputs[temperedOutput]),
  };
}
