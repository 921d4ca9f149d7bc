import {
  contrastSizeTable,
  contrastUnitTable,
  iccTable,
  type NetworkRepeatability,
  networkLikenessTable,
  networkRepeatabilityTable,
  networkSizeTable,
  networkUnitTable,
  type Peak,
  peakTable,
  reliabilityTable,
  type StrongestUnit,
  strongestUnitTable,
  unitIccTable,
} from '@galvani/artifact';
import type { Run } from '@galvani/pipeline';
import { countedUnits, openResults } from '@galvani/results';
import { readParameters, replaceStage, type StageParameters, studyFolder } from '@galvani/study';
import { formatCount, type StageArguments, say } from '@galvani/terminal';
import { type ContrastNetwork, contrastNetworkOf } from './contrast-network.js';
import { iccRows, unitIccRows } from './effect-icc.js';
import { likenessOf } from './likeness.js';
import { networkSharing, writeSharing } from './network-sharing.js';
import { type Network, networkOf, type SurvivingUnits, survivingBeside } from './network-table.js';
import { overlapOf } from './overlap.js';
import { overlapSentence } from './overlap-sentence.js';
import { peaksOf } from './peaks.js';
import { reliabilityRows } from './reliability.js';
import { mapCorrelation, strongestUnits } from './repeatability.js';
import { sessionMaps } from './session-maps.js';
import { strongestBySite } from './strongest-by-site.js';

/** Sites of each run whose strongest unit is listed. */
const strongestSites = 10;

/** The networks stage: maps, events and activations -> networks/*.parquet, see `resultTables`. */
export async function networksStage({
  study,
  root,
  signal,
}: Pick<StageArguments, 'study'> & Partial<StageArguments>): Promise<void> {
  const folder = studyFolder(study, root);
  const [rule, fit] = await Promise.all([readParameters(folder, 'networks'), readParameters(folder, 'glm')]);
  const results = await openResults(folder, 'networks', signal);
  const { plan, inputs, runs, glm, map } = results;
  const tasks = [...new Set(runs.map(({ task }) => task))];
  const networks: Network[] = [];
  const surviving = new Map<string, SurvivingUnits>();
  const peaks: Peak[] = [];
  const vocabulary = await results.vocabulary();
  for (const task of tasks) {
    const whole = await map(`task-${task}`);
    networks.push(networkOf(task, whole, rule));
    peaks.push(...peaksOf({ kind: 'task', name: task }, whole, rule, vocabulary));
    if (rule.top !== undefined) surviving.set(task, survivingBeside(networks.at(-1)!, whole, rule));
  }
  const contrasts: ContrastNetwork[] = [];
  for (const { name, contrast } of glm!.maps.filter(({ kind }) => kind === 'contrast')) {
    const whole = await map(name);
    contrasts.push(contrastNetworkOf(contrast, whole, rule));
    peaks.push(...peaksOf({ kind: 'contrast', name: contrast }, whole, rule, vocabulary));
  }
  const sharing = await networkSharing(networks, results, { rule, fit, signal });
  const runMaps = new Map<string, { z: Float64Array; d: Float64Array }>();
  const strongest: StrongestUnit[] = [];
  for (const { name, task } of runs) {
    const whole = await map(name);
    const counted = countedUnits(whole, rule);
    const ofCounted = (statistic: string) =>
      whole.statistic(statistic).map((value, u) => (counted[u] ? value : Number.NaN));
    runMaps.set(name, { z: ofCounted('z'), d: ofCounted('d') });
    strongest.push(...strongestBySite(whole, strongestSites).map((unit) => ({ run: name, task, ...unit })));
  }
  const [{ counted }] = networks;
  const z = new Map([...runMaps].map(([name, own]) => [name, own.z]));
  const repeatability = repeatabilityRows(runs, z, networks);
  const sessions = sessionMaps(runs, runMaps, counted);
  const members = networks.map((network) => network.members);
  await replaceStage(folder, 'networks', async (place) => {
    await networkUnitTable.write(
      place('units.parquet'),
      networks.flatMap(({ units }) => units),
    );
    await networkSizeTable.write(
      place('sizes.parquet'),
      networks.flatMap(({ sizes }) => sizes),
    );
    await writeSharing(place, sharing);
    await networkRepeatabilityTable.write(place('repeatability.parquet'), repeatability);
    await networkLikenessTable.write(place('likeness.parquet'), likenessOf(repeatability, tasks));
    await strongestUnitTable.write(place('strongest.parquet'), strongest);
    await contrastUnitTable.write(
      place('contrast_units.parquet'),
      contrasts.flatMap(({ units }) => units),
    );
    await contrastSizeTable.write(
      place('contrast_sizes.parquet'),
      contrasts.flatMap(({ sizes }) => sizes),
    );
    await peakTable.write(place('peaks.parquet'), peaks);
    const ofSessions = sessions ? reliabilityRows(sessions) : [];
    await reliabilityTable.write(place('reliability.parquet'), [...ofSessions, ...sharing.promptHalves]);
    await iccTable.write(place('icc.parquet'), sessions ? iccRows(sessions, members) : []);
    await unitIccTable.write(place('unit_icc.parquet'), sessions ? unitIccRows(sessions, members) : []);
    const sizes = networks.map(({ task, units }) => ({
      ...{ task, units: units.length },
      ...(surviving.has(task) && { surviving: surviving.get(task) }),
    }));
    return { plan, parameters: { ...rule }, inputs, facts: { tasks, members: sizes, counted } };
  });
  if (rule.top !== undefined)
    say(
      `networks: the strongest ${Number((100 * rule.top).toPrecision(9))}% of units are taken, which is a selection and tests nothing`,
    );
  const left = networks[0].members.length - counted;
  if (left > 0) say(`networks: ${formatCount(left)} units ${uncountedBecause(rule)} and are not counted`);
  for (const { task, units } of networks) {
    say(`networks: ${task} engages ${formatCount(units.length)} of ${formatCount(counted)} units`);
    const passing = surviving.get(task);
    if (passing)
      say(
        `networks: a threshold (family-wise error ${rule.alpha}, d ${rule.minimumEffect} or more) would keep ${formatCount(passing.taken)} of these units, and ${formatCount(passing.all)} of all`,
      );
  }
  for (const own of contrasts)
    say(
      `networks: ${formatCount(own.units.length)} of ${formatCount(own.counted)} units ${rule.top === undefined ? 'survive in' : 'are taken of'} the contrast ${own.contrast}`,
    );
  const sentence = overlapSentence(sharing.overlap, tasks);
  if (sentence) say(`networks: ${sentence}`);
  if (sharing.restShared)
    say('networks: runs share the prompts of their rest, so how networks overlap is not tested (rest.repeat)');
}

function uncountedBecause({ copies, unreachable }: StageParameters['networks']): string {
  const why = [copies === 'once' && 'copy another of their site', unreachable === 'drop' && 'stand for no token'];
  return why.filter(Boolean).join(' or ');
}

/**
 * Compares the maps of single runs between sessions. A run has few prompts, so what survives correction in it says more of
 * power than of repetition; compared are the strongest units of each run, as many as the task's network has. Strength is |z|:
 * units have degrees of freedom of their own, and with few of them the tails of t are long, so that a few units would decide a
 * correlation of t.
 */
function repeatabilityRows(
  runs: readonly Run[],
  maps: ReadonlyMap<string, Float64Array>,
  networks: readonly Network[],
): NetworkRepeatability[] {
  const [{ sites }] = networks;
  const size = new Map(networks.map(({ task, units }) => [task, units.length]));
  const strongest = new Map(runs.map((run) => [run.name, strongestUnits(maps.get(run.name)!, size.get(run.task)!)]));
  return runs.flatMap((a) =>
    runs
      .filter((b) => b.session > a.session)
      .map((b) => {
        const { dice, jaccard, expectedDice } = overlapOf(strongest.get(a.name)!, strongest.get(b.name)!, sites);
        return {
          task: a.task,
          other_task: b.task,
          session_a: a.session,
          session_b: b.session,
          dice,
          jaccard,
          expected_dice: expectedDice,
          correlation: mapCorrelation(maps.get(a.name)!, maps.get(b.name)!),
        };
      }),
  );
}
