import type { Control } from '@galvani/artifact';
import { capital, count, decimal, listed, percent, probability } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import {
  bestOf,
  controlsOf,
  type FoldKind,
  featureName,
  foldKinds,
  foldWords,
  intervalWords,
  leadWords,
  networksOf,
  points,
} from './control-comparison.js';

type Controlled = Pick<StudyResults, 'controls' | 'decode' | 'manifests'>;

/** How far networks should be ahead of wording where no content word is shared, as a share of prompts. */
const wantedLead = 0.1;

/** What identification is worth beside the prompts' wording, in sentences; none where controls were not run. */
export function wordingSentences(results: Controlled): string[] {
  const rows = controlRows(results);
  return rows.length === 0 ? [] : [...wordingAlone(rows), ...unsharedWords(rows)];
}

/** What it is worth beside the untrained twin, random units and other decoders; none where controls were not run. */
export function controlSentences(results: Controlled): string[] {
  const rows = controlRows(results);
  return rows.length === 0 ? [] : [...twin(rows, results), ...randomUnits(rows), ...behind(rows)];
}

function controlRows({ controls }: Controlled): readonly Control[] {
  const rows = controls?.identification ?? [];
  return networksOf(rows, 'sessions') ? rows : [];
}

/** Wording on the folds of identification itself. */
function wordingAlone(rows: readonly Control[]): string[] {
  const best = bestOf(controlsOf(rows, 'sessions', 'wording'));
  if (!best) return ['Identification from the prompts’ wording was not tried.'];
  const ahead = best.difference_lower > 0;
  const found = `${capital(featureName(best.features))} alone (${best.decoder}) ${best.features === 'input embedding' ? 'identifies' : 'identify'} ${count(best.correct)} of ${count(best.total)} prompts (${leadWords(best)})`;
  return [
    ahead
      ? `${found}, fewer than networks do.`
      : `${found}, so that identification by itself says nothing beyond wording.`,
  ];
}

/** Wording where it has the least to go by, and whether networks are as far ahead of it as they should be. */
function unsharedWords(rows: readonly Control[]): string[] {
  const networks = networksOf(rows, 'words');
  const best = bestOf(controlsOf(rows, 'words', 'wording'));
  if (!networks || !best) return [];
  const found = `Where ${foldWords.words} with the prompts that anything was learnt from, networks identify ${count(networks.correct)} of ${count(networks.total)} and the best of wording, ${featureName(best.features)} (${best.decoder}), ${count(best.correct)} (${leadWords(best)}, two-sided p ${probability(best.p)})`;
  return [`${found}: ${aheadWords(best)}.`];
}

function aheadWords({ difference, difference_lower, difference_upper }: Control): string {
  const little = difference < wantedLead - 1e-12;
  if (difference_upper < 0) return 'networks are behind wording';
  if (difference < 0) return 'networks are behind wording, though not surely';
  if (difference === 0) return 'networks are not ahead of wording';
  if (difference_lower > 0)
    return `networks are ahead of wording${little ? ', but by fewer than the 10 points that would be wanted' : ''}`;
  const unsure = 'no evidence that networks are ahead of wording, since the interval holds 0';
  return little ? `fewer than the 10 points that would be wanted, and ${unsure}` : unsure;
}

function twin(rows: readonly Control[], { decode, manifests }: Controlled): string[] {
  const noTwin = manifests.get('controls')?.facts.noTwin;
  const best = bestOf(controlsOf(rows, 'sessions', 'twin'));
  if (!best)
    return typeof noTwin === 'string'
      ? [`There is no untrained twin to compare with: ${noTwin.replace(/\.?$/, '.')}`]
      : [];
  const chance = decode.accuracy?.find(({ level }) => level === 'prompt')?.chance ?? Number.NaN;
  const by = Number.isFinite(chance) ? `; chance ${count(Math.round(chance * best.total))}` : '';
  const found = `The untrained twin, the same model with its weights permuted, identifies ${count(best.correct)} at best (${best.decoder}; ${leadWords(best)}${by})`;
  if (!(best.difference_lower > 0)) return [`${found}: that it takes a trained model is not shown.`];
  return [`${found}, fewer than the trained model${best.lower > chance ? ', though more than chance' : ''}.`];
}

function randomUnits(rows: readonly Control[]): string[] {
  const [random] = controlsOf(rows, 'sessions', 'random');
  if (!random) return [];
  const found = `Random units, as many in each site as networks have, identify ${count(random.correct)} (${leadWords(random)})`;
  if (random.difference_lower > 0) return [`${found}, so that it matters which units are selected.`];
  if (random.difference_upper < 0) return [`${found}, more than the units that are selected.`];
  return [`${found}: that it matters here which units are selected is not shown.`];
}

/** Where another decoder identifies more than networks do: of all units, then of parts of the model with their whole interval. */
function behind(rows: readonly Control[]): string[] {
  const found = foldKinds.flatMap((folds) => {
    const [networks, best] = [networksOf(rows, folds), bestOf(controlsOf(rows, folds, 'reference'))];
    return networks && best ? [{ folds, networks, best }] : [];
  });
  const lost = found.filter(({ best }) => best.difference < 0);
  const said =
    lost.length > 0
      ? [
          `Networks are behind ${lost.length === 1 ? 'a reference decoder' : 'reference decoders'} on all units: ${listed(lost.map(lossWords))}${sureWords(lost.map(({ best }) => best))}.`,
        ]
      : found.length > 0
        ? ['No reference decoder on all units identifies more than networks do.']
        : [];
  return [...said, ...partsAhead(rows)];
}

function lossWords({ folds, networks, best }: { folds: FoldKind; networks: Control; best: Control }): string {
  return `${count(networks.correct)} to ${count(best.correct)} where ${foldWords[folds]} (${best.decoder}; lead ${points(best.difference)}, 95% interval ${intervalWords(best)})`;
}

function sureWords(rows: readonly Control[]): string {
  const sure = rows.filter((row) => row.difference_upper < 0).length;
  if (sure === rows.length) return rows.length === 1 ? '; the interval excludes 0' : '; each interval excludes 0';
  if (sure === 0) return rows.length === 1 ? '; the interval holds 0' : '; each interval holds 0';
  return `; ${sure} of ${rows.length} intervals ${sure === 1 ? 'excludes' : 'exclude'} 0`;
}

function partsAhead(rows: readonly Control[]): string[] {
  const ahead = foldKinds.flatMap((folds) => {
    const own = controlsOf(rows, folds, 'part').filter((row) => row.difference_upper < 0);
    const most = bestOf(own);
    if (!most) return [];
    const name = `${most.features}, ${count(most.correct)}`;
    return [`${count(own.length)} where ${foldWords[folds]} (${own.length === 1 ? name : `best ${name}`})`];
  });
  if (ahead.length === 0) return [];
  return [
    `Single layers or kinds of site, with a nearest centroid, are ahead of networks with intervals that exclude 0 (not corrected for their number): ${listed(ahead)}.`,
  ];
}

/** What the networks' scores promise beside what comes of them; none where that is not known. */
export function calibrationSentence({ controls }: Pick<StudyResults, 'controls'>): string | undefined {
  const all = controls?.calibration?.at(-1);
  if (!all) return undefined;
  const { predicted, right, lower, upper, error } = all;
  const says = predicted < lower ? 'too little' : predicted > upper ? 'too much' : 'about what comes true';
  return `Read as probabilities, networks’ scores promise ${says}: ${percent(predicted)} on average, where ${percent(right)} are right (95% interval ${percent(lower)} to ${percent(upper)}); the expected calibration error is ${decimal(error)}.`;
}
