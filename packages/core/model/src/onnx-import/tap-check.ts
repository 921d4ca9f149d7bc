import type { InferenceSession } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import { coarseRounding } from '../recorded-rounding.js';
import type { GraphOptimization } from '../session/open-session.js';
import type { SubjectOptions } from '../subject.js';
import { textFeeds } from './imported-inputs.js';
import type { ImportedModel } from './imported-model.js';
import { floatsOf, openImportedSession, runImported } from './imported-session.js';
import type { Tap } from './imported-site.js';
import { readoutFeed } from './readout-nodes.js';
import { exposeValues, logitsTap, outputOf, type Tapping, tapGraph, targetsInput } from './tap-graph.js';
import { activationFeeds, changeFeeds, placesOf, targetFeed } from './tapped-run.js';
import { isShared } from './tensor-layout.js';

/** Whether taps, and interventions that change nothing, change what the model computes. */
export interface TapCheck {
  /** How far onnxruntime may rewrite the graph: as far as every tensor that is recorded stays what it is. */
  optimization: GraphOptimization;
  /** Largest difference between logits with and without them; 0: equal bit for bit, or there are none. */
  logits: number;
  /** Largest difference of a site to the graph that onnxruntime rewrites least, relative to the site's largest number. */
  activations: number;
}

/** Rounding that fusions of onnxruntime may cause at a site, relative to its largest number. */
const rounding = 1e-4;

/**
 * Opens the tapped graph with the strongest optimisation under which logits equal those of the file as it is, bit for bit,
 * and sites those of the graph that it changed least up to rounding: onnxruntime's fusions can make both differ
 * (https://github.com/microsoft/onnxruntime/issues/4110). If none is bit-equal, the smallest difference is reported.
 * @throws UserMistake if sites differ even where onnxruntime rewrites nothing: the model is not the same from run to run.
 */
export async function openTapped(
  imported: ImportedModel,
  { sites, intervened = [], targets, readout }: Omit<Tapping, 'logits'>,
  {
    device,
    threads,
    optimization: level,
    frugal,
  }: Pick<SubjectOptions, 'device' | 'threads' | 'optimization' | 'frugal'>,
): Promise<{ session: InferenceSession; check: TapCheck }> {
  const { model, file, ports, probe, logits, levels } = imported;
  const tapped = tapGraph(model, imported.sites, { sites, logits, intervened, targets, readout });
  const rows = probe.texts.length;
  const positions = probe.texts[0].length;
  const open = (graph: typeof model, level: GraphOptimization) =>
    openImportedSession(graph, file, device, threads, level, !frugal);
  const feeds = textFeeds(ports, probe.texts, 0);
  const unchanged = changeFeeds(intervened, undefined, [...probe.texts.keys()]);
  let best: { session: InferenceSession; check: TapCheck } | undefined;
  for (const optimization of level ? [level] : levels) {
    let plain = logits && probe.numbers(logits.value);
    if (logits && optimization !== levels.at(-1)) {
      const untapped = await open(exposeValues(model, []), optimization);
      plain = floatsOf((await runImported(untapped, feeds, [logits.value], file.path))[logits.value]);
      await untapped.release();
    }
    const session = await open(tapped, optimization);
    const names = [...sites.map(({ name }) => name), ...(logits ? [logitsTap] : [])].map(outputOf);
    const all = Array.from({ length: positions }, (_, i) => i);
    const asked = { ...activationFeeds(session, feeds, positions, placesOf(rows, all)), ...unchanged };
    if (targets) asked[targetsInput] = targetFeed(probe.texts);
    if (readout !== undefined) Object.assign(asked, readoutFeed());
    const outputs = await runImported(session, asked, names, file.path);
    const found = (name: string) => floatsOf(outputs[outputOf(name)]);
    /** What is the same for every text, for each. */
    const forEachText = (own: Float32Array, { layout }: Tap) => (isShared(layout) ? repeated(own, rows) : own);
    const check: TapCheck = {
      optimization,
      logits: plain ? difference(found(logitsTap), forEachText(plain, logits!), false) : 0,
      activations: Math.max(
        0,
        ...sites.map(({ tap }) => difference(found(tap.name), forEachText(probe.numbers(tap.value), tap), true)),
      ),
    };
    const better = !best || check.logits < best.check.logits || best.check.activations > rounding;
    if (better) {
      await best?.session.release();
      best = { session, check };
    } else await session.release();
    if (check.logits === 0 && check.activations <= rounding) break;
  }
  if (best!.check.activations <= coarseRounding) return best!;
  await best!.session.release();
  throw new UserMistake(
    `${file.path} gives other numbers when the same tokens are read again: something in it draws at random, or depends on earlier runs. Export it again after model.eval().`,
  );
}

function repeated(values: Float32Array, times: number): Float32Array {
  const out = new Float32Array(times * values.length);
  for (let t = 0; t < times; t++) out.set(values, t * values.length);
  return out;
}

/** Largest difference, absolute or relative to the largest number expected; Infinity where numbers are missing or NaN. */
export function difference(found: Float32Array, expected: Float32Array, relative: boolean): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    const d = Object.is(found[i], expected[i]) ? 0 : Math.abs(found[i] - expected[i]);
    if (!(d <= worst)) worst = Number.isNaN(d) ? Number.POSITIVE_INFINITY : d;
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return relative && worst > 0 ? worst / scale : worst;
}
