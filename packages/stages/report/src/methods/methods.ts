import { isAbsent, noiseAssumptions } from '@galvani/study';
import { controlsOf, networksOf } from '../findings/control-comparison.js';
import { offWords } from '../findings/off-blocks.js';
import { count, counted, decimal, listed, percent, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { type Reference, references, type Work } from './references.js';
import { subjectSentences } from './subject-sentences.js';

/** What a study did, as a paper says it. */
export interface Methods {
  /** Paragraphs of plain text. */
  paragraphs: string[];
  /** What they cite, in the order in which it comes. */
  cited: Reference[];
}

/** Methods of a study, of the stages that have finished: settings from the plan, numbers from artifacts. */
export function methods(results: StudyResults): Methods {
  const cited = new Set<Work>();
  const cite = (work: Work) => {
    cited.add(work);
    return references[work].cited;
  };
  const paragraphs = [
    subjectSentences(results, cite),
    modelSentences(results, cite),
    inferenceSentences(results, cite),
    identificationSentences(results),
    furtherSentences(results, cite),
    software(results),
  ].filter((sentences) => sentences.length > 0);
  return {
    paragraphs: paragraphs.map((sentences) => sentences.join(' ')),
    cited: [...cited].map((w) => references[w]),
  };
}

type Cite = (work: Work) => string;

const transforms = {
  none: 'activations',
  abs: 'absolute values of activations',
  positive: 'positive parts of activations',
} as const;

function modelSentences({ plan, glm }: StudyResults, cite: Cite): string[] {
  if (!glm) return [];
  const { noise, variance, transform, pairs, drift, confounds, modulators, regressor } = plan.glm;
  const outliers = glm.diagnostics.reduce((sum, site) => sum + site.outliers, 0);
  const dfs = [...glm.taskMaps.values()].flatMap(({ description: { df } }) => (typeof df === 'number' ? [df] : []));
  const [least, most] = [Math.min(...dfs), Math.max(...dfs)];
  const written = (df: number) => decimal(df, Number.isInteger(df) ? 0 : 1);
  const further = [
    ...(modulators ? [`modulators (${modulators.map(({ value }) => value.replaceAll('_', ' ')).join(', ')})`] : []),
    ...(confounds ? ['confounds of prompts from a table'] : []),
    ...(drift
      ? [
          drift.kind === 'cosine'
            ? 'a cosine drift in each run'
            : `a polynomial drift of order ${drift.order} in each run`,
        ]
      : []),
  ];
  return [
    `A general linear model was fitted to ${transforms[transform]} of each of ${count(glm.units)} units, for each task over its runs, with ${regressorWords(regressor)} for the task, ${further.length > 0 ? `${further.join(', ')}, ` : ''}and an intercept for each ${pairs ? 'pair of prompts' : 'run'}; the contrast of a task was task minus ${offWords({ plan })}.`,
    `Noise model: ${noise}. ${noiseAssumptions[noise].split('. ')[0].replace(/\.$/, '')}.`,
    ...(noise === 'prompt'
      ? [
          variance === 'separate' && !pairs
            ? `Prompts of on and of off blocks had variances of their own (${cite('welch1947')}).`
            : 'Prompts of all conditions had one variance.',
        ]
      : []),
    ...(dfs.length > 0
      ? [
          `Maps of tasks had ${least === most ? written(least) : `${written(least)} to ${written(most)}`} degrees of freedom.`,
        ]
      : ['Degrees of freedom were estimated for each unit.']),
    ...(outliers > 0
      ? [
          `${counted(outliers, 'unit')} had residuals whose spread lay more than 6 robust standard deviations from their site’s median (${cite('iglewicz1993')}) and ${outliers === 1 ? 'was' : 'were'} kept.`,
        ]
      : []),
    ...(plan.glm.contrasts.length > 0
      ? [
          `Further contrasts: ${listed(plan.glm.contrasts.map(([name, expression]) => `${name} (${expression})`))}${plan.glm.rest === 'none' ? '; each was fitted to the prompts of the tasks that it weighs, in whichever run these were presented, with an intercept for each run' : ''}.`,
        ]
      : []),
  ];
}

function regressorWords(regressor: StudyResults['plan']['glm']['regressor']): string {
  if (regressor?.kind === 'fir') return `a free course over ${count(regressor.length)} bins of token positions`;
  if (regressor?.kind === 'exponential')
    return `an exponential build-up (time constant ${regressor.timeConstant} tokens)`;
  return 'a boxcar';
}

function inferenceSentences({ plan, glm, networks, tasks }: StudyResults, cite: Cite): string[] {
  if (!glm) return [];
  const { correction, family, alpha, minimumEffect, sign, top, copies } = plan.networks;
  const thresholds = [...glm.taskMaps.values()].flatMap(
    ({ description: { threshold } }) => threshold[family === 'study' ? `${correction}_study` : correction] ?? [],
  );
  const over = family === 'study' ? 'over the units of all tasks' : 'over the units of each task';
  const rule =
    top !== undefined
      ? `Networks were the ${Number((100 * top).toPrecision(9))}% of units with the largest ${sign === 'both' ? '|t|' : `t in the ${sign} direction`} (${cite('alkhamissi2024')}), a selection without a test.`
      : {
          familywise: () =>
            `Family-wise error was controlled at ${percent(alpha)} ${over} by the maximum statistic of relabelled prompts.`,
          fdr: () => `The false discovery rate was controlled at ${percent(alpha)} ${over} (${cite('benjamini1995')}).`,
          bonferroni: () => `Family-wise error was controlled at ${percent(alpha)} ${over} by Bonferroni’s correction.`,
          none: () => `Units with p below ${alpha} passed, without correction for their number.`,
        }[correction]();
  const relabelled = [...glm.taskMaps.values()][0]?.description.relabelled;
  const sizes = networks.sizes;
  const members = tasks.map((task) =>
    (sizes ?? []).reduce((sum, row) => sum + (row.task === task ? row.members : 0), 0),
  );
  return [
    ...(relabelled === undefined
      ? []
      : [
          `Whole prompts were relabelled as on or off ${plan.glm.pairs ? 'within their pair' : 'within their run'} ${count(plan.glm.relabellings)} times for a task’s map${plan.glm.runRelabellings === 0 ? '' : ` and ${count(plan.glm.runRelabellings)} times for the map of a run`} (${cite('nichols2002')}).`,
        ]),
    rule,
    ...(top === undefined
      ? [
          `A member of a network had an effect of at least ${decimal(minimumEffect)} standard deviations (Cohen’s d) besides${sign === 'both' ? '' : `, in the ${sign} direction`}.`,
        ]
      : []),
    ...(top === undefined && thresholds.length > 0
      ? [
          `Thresholds on |${relabelled ?? 'z'}| were ${decimal(Math.min(...thresholds))} to ${decimal(Math.max(...thresholds))}.`,
        ]
      : []),
    ...(copies === 'once' ? ['Units whose activity copies that of another unit of their site counted once.'] : []),
    ...(sizes && sizes.length > 0
      ? [`Networks had ${listed(tasks.map((task, k) => `${count(members[k])} (${taskName(task)})`))} members.`]
      : []),
  ];
}

function identificationSentences(results: StudyResults): string[] {
  const rows = (results.decode.accuracy ?? []).filter(({ total }) => total > 0);
  if (rows.length === 0) return [];
  const controls = (results.controls?.identification ?? []).filter(({ total }) => total > 0);
  const groups = [
    ['random', 'random networks of the same sizes'],
    ['reference', 'decoders of all units'],
    ['twin', 'the untrained twin'],
    ['wording', 'the prompts’ wording'],
  ] as const;
  const beside = groups
    .filter(([group]) => controlsOf(controls, 'sessions', group).length > 0)
    .map(([, words]) => words);
  return [
    'Sessions were left out one at a time; networks were formed from the others, and each run and on-block prompt of the left-out session was assigned to the task whose network its activity matched best.',
    ...rows.map(
      (row) =>
        `Of ${counted(row.total, `held-out ${row.level}`)} ${count(row.correct)} were identified (${percent(row.accuracy)}, 95% interval ${percent(row.lower)} to ${percent(row.upper)}; chance ${percent(row.chance)}, p ${probability(row.p)} by ${count(row.permutations)} permutations of tasks’ labels).`,
    ),
    ...(networksOf(controls, 'sessions') && beside.length > 0
      ? [`The same prompts were identified by ${listed(beside)}.`]
      : []),
  ];
}

function furtherSentences({ geometry, lesion, steer, plan }: StudyResults, cite: Cite): string[] {
  const [matrix] = lesion?.matrix ?? [];
  const [shift] = steer?.shift ?? [];
  return [
    ...((geometry.distances ?? []).length > 0
      ? [
          `Distances between tasks were squared cross-validated Mahalanobis distances, sessions being the partitions (${cite('walther2016')}).`,
        ]
      : []),
    ...(matrix
      ? [
          `Networks were lesioned in the model, and the change of loss on unseen texts was compared with that of ${counted(matrix.controls, 'set')} of matched units.`,
        ]
      : []),
    ...(shift && !isAbsent(plan.steer)
      ? [
          `The model was steered along networks at strengths ${listed(plan.steer.strengths.map(String))}, beside ${count(plan.steer.directions)} random directions.`,
        ]
      : []),
  ];
}

function software({ manifests, inputs, plan }: StudyResults): string[] {
  const versions = new Set([...manifests.values()].map(({ galvani }) => galvani));
  // What ran the model, which may have been another machine than the one that writes this.
  const runtimes = new Set(
    [...manifests].flatMap(([name, { facts }]) =>
      name.startsWith('extract/') && typeof facts.onnxruntime === 'string' ? [facts.onnxruntime] : [],
    ),
  );
  return [
    `Software: galvani ${listed([...versions])}${runtimes.size > 0 ? `; the model was run by onnxruntime ${listed([...runtimes])}` : ''}.`,
    `Study ${plan.report.study}, seed ${plan.design.seed}, SHA-256 of its plan’s manifest ${inputs['plan/manifest.json']}.`,
  ];
}
