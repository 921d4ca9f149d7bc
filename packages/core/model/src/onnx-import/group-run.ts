import { runsInPlace, type Tensor } from '@galvani/onnx';
import type { GroupMemory, GroupReadout, SiteMemory } from './group-memory.js';
import type { ImportedGenerator } from './imported-generator.js';
import { cacheDims, textFeeds } from './imported-inputs.js';
import { floatsOf, runImported, runImportedInPlace } from './imported-session.js';
import { nextRun, type PromptGroup } from './prompt-groups.js';
import { entropiesOutput, logProbabilitiesOutput, temperedOutput } from './readout-nodes.js';
import { outputOf } from './tap-graph.js';
import { activationFeeds } from './tapped-run.js';

/** What a run of a group gives. It is in the memory that the run was given, or in new one. */
export interface GroupOutputs {
  /** By site, at each text's last position [rows x width]. */
  sites: ReadonlyMap<string, Float32Array>;
  readout: GroupReadout;
}

/**
 * One step of a group, whose texts' keys and values are cached after it.
 *
 * @param step from 0, by which keys and values go to one memory and the other by turns
 * @param sites memory for what sites give. Default: the group's
 */
export async function runGroup(
  generator: ImportedGenerator,
  group: PromptGroup,
  memory: GroupMemory,
  changes: Record<string, Tensor>,
  step: number,
  sites: SiteMemory = memory.sites,
): Promise<GroupOutputs> {
  const { session, ports, path, growth } = generator;
  const { tokens, before, tokenAt, last, laid } = nextRun(group);
  const text = textFeeds(ports, tokens, before, group.cached?.past, tokenAt);
  const places = last.map((column, row) => ({ row, column }));
  const feeds = { ...activationFeeds(session, text, tokens[0].length, places), ...changes };
  const positions = before + tokens[0].length;
  const cache = (present: Record<string, Tensor>) => {
    if (ports.caches.length === 0) return;
    const past = new Map(ports.caches.map(({ past, present: name }) => [past, present[name]]));
    group.cached = { past, ...laid };
  };
  const kind = group.cached ? 'later' : 'first';
  if (runsInPlace(session) && (growth[kind] || ports.caches.length === 0)) {
    const present = memory.present(positions, step);
    const fetches = { ...sites.fetches, ...memory.readoutFetches, ...present };
    const written = await runImportedInPlace(session, feeds, fetches, path).then(
      () => true,
      // What is not as large as it was before is fetched as it comes; what is wrong with the file is said there.
      () => false,
    );
    if (written) {
      cache(present);
      return { sites: sites.sites, readout: memory.readout };
    }
    growth[kind] = false;
  }
  const outputs = await runImported(
    session,
    feeds,
    [
      ...generator.sites.map(({ name }) => outputOf(name)),
      ...[logProbabilitiesOutput, entropiesOutput, temperedOutput],
      ...ports.caches.map(({ present }) => present),
    ],
    path,
  );
  growth[kind] ??= ports.caches.every(({ past, present }) => {
    const { shape } = ports.inputs.find(({ name }) => name === past)!;
    return cacheDims(shape, tokens.length, positions).join() === outputs[present].dims.join();
  });
  cache(outputs);
  return {
    sites: new Map(generator.sites.map(({ name }) => [name, floatsOf(outputs[outputOf(name)])])),
    readout: {
      logProbabilities: floatsOf(outputs[logProbabilitiesOutput]),
      entropies: floatsOf(outputs[entropiesOutput]),
      tempered: floatsOf(outputs[temperedOutput]),
    },
  };
}
