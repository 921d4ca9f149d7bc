import { basename } from 'node:path';
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
import { groupMemory, type SiteMemory, siteMemory } from './group-memory.js';
import { runGroup } from './group-run.js';
import type { ImportedGenerator, ImportedMemory } from './imported-generator.js';
import { groupPrompts, type PromptGroup } from './prompt-groups.js';
import { readoutFeed } from './readout-nodes.js';
import { changeFeeds } from './tapped-run.js';

/** Memory for a generation of so many tokens; the last one's if it fits. */
function memoryFor(
  generator: ImportedGenerator,
  groups: readonly PromptGroup[],
  newTokens: number,
  tempered: boolean,
): ImportedMemory {
  const { memory, sites, ports, vocabularySize } = generator;
  generator.memory = undefined;
  const sizes = groups.map(({ rows, texts }) => {
    const whole = Math.max(...texts.map(({ length }) => length)) + newTokens - 1;
    // Whole numbers of some positions, so that the next batch's fit too.
    return { rows: rows.length, vocabularySize, tempered, positions: Math.ceil(whole / 16) * 16 };
  });
  const about = JSON.stringify(sizes);
  if (memory?.sizes === about) return memory;
  const rows = groups.reduce((sum, group) => sum + group.rows.length, 0);
  const steps: [SiteMemory, SiteMemory] = [siteMemory(sites, rows), siteMemory(sites, rows)];
  const own = groups.length === 1 ? steps[0] : undefined;
  return { sizes: about, groups: sizes.map((size) => groupMemory(sites, ports, size, own)), steps };
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
  const { vocabularySize, readOnly, path } = generator;
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
  const memory = memoryFor(generator, groups, newTokens, temperature !== undefined);
  let pending: unknown;
  for (let position = 0; position < newTokens; position++) {
    signal?.throwIfAborted();
    const held = memory.steps[position % 2];
    const step: RecordedStep = {
      position,
      rows: prompts.length,
      tokens: new Int32Array(prompts.length),
      logProbabilities: new Float32Array(prompts.length),
      entropies: new Float32Array(prompts.length),
      ...(request.distributions && { distributions: new Float32Array(prompts.length * vocabularySize) }),
      sites: held.sites,
    };
    for (const [g, group] of groups.entries()) {
      if (group.rows.every(ended)) continue;
      const own = memory.groups[g];
      // The rows of a group that is all of the batch are the batch's.
      const into = groups.length === 1 ? held : own.sites;
      const fed = { ...changes.get(group)!, ...readoutFeed(temperature) };
      const { sites, readout } = await runGroup(generator, group, own, fed, position, into);
      if (groups.length === 1) step.sites = sites;
      else scatter(sites, group.rows, held.sites);
      for (const [i, row] of group.rows.entries()) {
        const part = [i * vocabularySize, (i + 1) * vocabularySize] as const;
        const distribution = readout.logProbabilities.subarray(...part);
        step.distributions?.set(distribution, row * vocabularySize);
        const argmax = sampling.method === 'greedy' ? firstLargest(distribution) : -1;
        const tempered = temperature === undefined ? undefined : readout.tempered.subarray(...part);
        const token = chooser.choose(row, distribution, readout.entropies[i], argmax, position, tempered);
        group.texts[i].push(token);
        ends.take(row, token, position);
        step.tokens[row] = result.tokens[row][position] = token;
        step.logProbabilities[row] = result.logProbabilities[row][position] = distribution[token];
        step.entropies[row] = result.entropies[row][position] = readout.entropies[i];
      }
    }
    await pending;
    const stored = onStep?.(step);
    // A failure is thrown where the promise is waited for, not reported as unhandled before.
    stored?.catch(() => {});
    pending = stored;
    if (request.stopAtEnd && ends.all()) break;
    await request.pause?.();
  }
  await pending;
  generator.memory = memory;
  return request.stopAtEnd ? upToEnds(result, ends) : result;
}

/** Puts a group's rows in their places among the batch's. */
function scatter(
  own: ReadonlyMap<string, Float32Array>,
  rows: readonly number[],
  all: ReadonlyMap<string, Float32Array>,
): void {
  for (const [name, values] of own) {
    const width = values.length / rows.length;
    const into = all.get(name)!;
    for (const [i, row] of rows.entries()) into.set(values.subarray(i * width, (i + 1) * width), row * width);
  }
}

function firstLargest(values: Float32Array): number {
  let found = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[found]) found = i;
  return found;
}
