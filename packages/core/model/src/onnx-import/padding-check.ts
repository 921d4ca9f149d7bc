import type { GraphProto } from '@galvani/onnx';
import type { ReadingRequest } from '../forward/read.js';
import type { GenerationRequest } from '../forward/request.js';
import { generateImported } from './generate-imported.js';
import type { ImportedGenerator } from './imported-generator.js';
import type { ImportedPorts } from './imported-inputs.js';
import { groupPrompts, type Padding, promptGroup } from './prompt-groups.js';
import { readImported, readingRuns } from './read-imported.js';
import { difference } from './tap-check.js';

/** What rounding may come to, relative to a site's largest number: closer than a recording's check, since to do without padding costs no numbers. */
const rounding = { fine: 1e-4, coarse: 1e-2 };

/**
 * Whether texts of unequal length may go through a file's graph together, padding masked: every site and all log probabilities are then
 * what they are when each text goes alone, but for rounding. Tried with two made-up texts that are at least as unequal as those of a
 * request, since a graph may compute otherwise where the longest text of a batch is longer than some limit. What was found is kept; what is
 * tried depends on the request alone, so that whoever repeats it has the same padding.
 */
export interface PaddingCheck {
  /** Where it may stand among prompts. Undefined: nowhere, or no group of prompts needs any. */
  ofPrompts(request: Pick<GenerationRequest, 'prompts' | 'newTokens'>): Promise<Padding | undefined>;
  /** Whether texts may be read together, padding behind the shorter. Tried for texts of one length too, which a file may quantize by one range. */
  ofTexts(request: Pick<ReadingRequest, 'texts' | 'passagesOf'>): Promise<boolean>;
}

export function createPaddingCheck(generator: ImportedGenerator, coarse: boolean): PaddingCheck {
  const most = rounding[coarse ? 'coarse' : 'fine'];
  const ofPair = onceEach((pair, steps) => paddingOf(generator, pair, steps, most));
  const ofPairRead = onceEach((pair) => bears((texts) => passages(generator, texts), pair, 'behind', most));
  return {
    async ofPrompts({ prompts, newTokens }) {
      const groups = groupPrompts(prompts, generator.ports.mostRows, 'front').map(({ texts }) => texts);
      const padded = groups.filter((texts) => texts.some(({ length }) => length !== texts[0].length));
      // Two steps, of which the second has cached keys and values where a file has them; what would be generated before is in the longer text.
      const steps = Math.min(newTokens, 2);
      const pair = unequalPair(padded, newTokens, steps, generator.contextLength);
      return pair && ofPair(pair, steps);
    },
    async ofTexts(request) {
      const runs = readingRuns(generator, request, true).filter(({ rows }) => rows > 1);
      const groups = runs.map(({ firstRow, rows }) => request.texts.slice(firstRow, firstRow + rows));
      const pair = unequalPair(groups, 0, 0, generator.contextLength);
      return pair !== undefined && ofPairRead(pair, 1);
    },
  };
}

/** What is found for a pair of texts and some steps, once for each. */
function onceEach<T>(trial: (pair: Int32Array[], steps: number) => Promise<T>) {
  const found = new Map<string, Promise<T>>();
  return (pair: Int32Array[], steps: number): Promise<T> => {
    const key = [...pair.map(({ length }) => length), steps].join(' ');
    const known = found.get(key) ?? trial(pair, steps);
    found.set(key, known);
    return known;
  };
}

/**
 * Two made-up texts as long as the shortest and the longest of groups, or somewhat farther apart, so that the lengths are few.
 *
 * @param newTokens that texts grow by
 * @param steps of these, those that are tried
 * @param most tokens that a text may have in the end
 */
function unequalPair(
  groups: readonly ArrayLike<number>[][],
  newTokens: number,
  steps: number,
  most: number,
): Int32Array[] | undefined {
  const lengths = groups.flat().map(({ length }) => length);
  if (lengths.length === 0) return undefined;
  // A text of one token is all its padding, since that is a token of its own.
  const shortest = Math.max(2, 2 ** Math.floor(Math.log2(Math.min(...lengths))));
  const whole = Math.max(shortest + steps + 1, Math.max(...lengths) + newTokens);
  const longest = Math.min(most, 2 ** Math.ceil(Math.log2(whole))) - steps;
  // Of small ids, which every vocabulary has.
  const made = (length: number) => Int32Array.from({ length }, (_, i) => 1 + ((length + 3 * i + i * i) % 7));
  return longest > shortest ? [made(shortest), made(longest)] : undefined;
}

/**
 * With which padding a pair of texts may be continued together. A graph that counts positions from its first column, or the tokens that are not masked as
 * onnxruntime's own attention does, bears padding only behind; one with cached keys that does not look at the mask, none. In front
 * comes first: texts' tokens then lie as far apart as they are, which a graph may look at that sees tokens of some distance alone. Behind, padding that
 * stays among cached keys and values would part a text's tokens, and no short trial tells a graph that sees far from one that minds.
 */
async function paddingOf(
  generator: ImportedGenerator,
  pair: Int32Array[],
  steps: number,
  most: number,
): Promise<Padding | undefined> {
  const { ports, readOnly, packsCache } = generator;
  if (readOnly || !ports.inputs.some(({ name }) => name === 'attention_mask')) return undefined;
  const continued: Way = (texts, padding) => continuations(generator, texts, steps, padding);
  if (await bears(continued, pair, 'front', most)) return 'front';
  if (ports.caches.length > 0 && !packsCache) return undefined;
  return (await bears(continued, pair, 'behind', most)) ? 'behind' : undefined;
}

/** Whether all that is cached comes from onnxruntime's own attention, which puts a new token right behind as many as are not masked. */
export function packsCache({ node }: GraphProto, { caches }: ImportedPorts): boolean {
  const packed = new Set(node.filter(({ opType }) => opType === 'GroupQueryAttention').flatMap(({ output }) => output));
  return caches.every(({ present }) => packed.has(present));
}

/** What a graph gives of a text at once: activations and log probabilities, and the token that it chose. */
interface Given {
  token?: number;
  values: Map<string, Float32Array>;
}

/** Texts through a graph together: of each what it gives in turn. */
type Way = (texts: Int32Array[], padding?: Padding) => Promise<Given[][]>;

async function bears(way: Way, pair: Int32Array[], padding: Padding, most: number): Promise<boolean> {
  try {
    const together = await way(pair, padding);
    for (const [row, text] of pair.entries()) {
      const [alone] = await way([text]);
      for (const [step, { token, values }] of alone.entries()) {
        const own = together[row][step];
        for (const [name, expected] of values)
          if (difference(own.values.get(name)!, expected, true) > most) return false;
        // Of two tokens that are as probable but for rounding each may come first; then the texts part.
        if (own.token !== token) break;
      }
    }
    return true;
  } catch {
    // What cannot be run with padding is run without it, or fails there.
    return false;
  }
}

async function continuations(generator: ImportedGenerator, texts: Int32Array[], steps: number, padding?: Padding) {
  const given = texts.map((): Given[] => []);
  await generateImported(
    generator,
    {
      ...{ prompts: texts, newTokens: steps, sampling: { method: 'greedy' }, distributions: true },
      onStep({ tokens, sites, distributions }) {
        for (const [row, own] of given.entries()) {
          const part = (all: Float32Array) =>
            all.slice((row * all.length) / texts.length, ((row + 1) * all.length) / texts.length);
          const values = [...sites, ['log_probabilities', distributions!] as const];
          own.push({ token: tokens[row], values: new Map(values.map(([name, all]) => [name, part(all)])) });
        }
      },
    },
    [promptGroup(texts, [...texts.keys()], padding)],
  );
  return given;
}

async function passages(generator: ImportedGenerator, texts: Int32Array[]) {
  const given = texts.map((): Given[] => []);
  const longest = Math.max(...texts.map(({ length }) => length));
  await readImported(
    generator,
    {
      texts,
      onPassage({ text, sites, logProbabilities }) {
        // Those of a text's first token, and of what predicts none, are NaN.
        const known = logProbabilities.filter((x) => !Number.isNaN(x));
        given[text].push({ values: new Map([...sites, ['log_probabilities', known]]) });
      },
    },
    [{ firstRow: 0, rows: texts.length, from: 0, to: longest }],
  );
  return given;
}
