import type { GraphProto } from '@galvani/onnx';
import { generateImported, type ImportedGenerator } from './generate-imported.js';
import type { ImportedPorts } from './imported-inputs.js';
import type { Padding } from './prompt-groups.js';
import { difference } from './tap-check.js';

/** A short text, which has more padding than tokens beside a long one. */
const texts = [Int32Array.of(3, 1), Int32Array.of(5, 2, 7, 1, 4, 6)];
/** The second is computed with cached keys and values, where a file has them. */
const newTokens = 2;
/** What rounding may come to, relative to a site's largest number: closer than a recording's check, since to do without padding costs no numbers. */
const rounding = { float32: 1e-4, float16: 1e-2 };

/**
 * With which padding, masked, texts of unequal length may go through a file's graph together: every site and all log probabilities are then
 * what they are when each text goes alone, but for rounding. A graph that counts positions from its first column, or the tokens that are not masked as
 * onnxruntime's own attention does, bears padding only behind; one with cached keys that does not look at the mask, none. Tried with made-up texts. In front
 * comes first: texts' tokens then lie as far apart as they are, which a graph may look at that sees tokens of some distance alone. Behind, padding that
 * stays among cached keys and values would part a text's tokens, and no short trial tells a graph that sees far from one that minds.
 */
export async function paddingOf(generator: ImportedGenerator, inFloat16: boolean): Promise<Padding | undefined> {
  if (await bears(generator, 'front', inFloat16)) return 'front';
  if (generator.ports.caches.length > 0 && !generator.packsCache) return undefined;
  return (await bears(generator, 'behind', inFloat16)) ? 'behind' : undefined;
}

/** Whether all that is cached comes from onnxruntime's own attention, which puts a new token right behind as many as are not masked. */
export function packsCache({ node }: GraphProto, { caches }: ImportedPorts): boolean {
  const packed = new Set(node.filter(({ opType }) => opType === 'GroupQueryAttention').flatMap(({ output }) => output));
  return caches.every(({ present }) => packed.has(present));
}

async function bears(generator: ImportedGenerator, padding: Padding, inFloat16: boolean): Promise<boolean> {
  const { ports, contextLength, readOnly, vocabularySize } = generator;
  const masked = ports.inputs.some(({ name }) => name === 'attention_mask');
  if (!masked || readOnly || ports.mostRows < texts.length) return false;
  if (contextLength < texts[1].length + newTokens || vocabularySize < 8) return false;
  const most = rounding[inFloat16 ? 'float16' : 'float32'];
  try {
    const together = await continued(generator, texts, padding);
    for (const [row, text] of texts.entries()) {
      const alone = await continued(generator, [text]);
      for (const [position, { tokens, values }] of alone.entries()) {
        const own = together[position];
        for (const [name, expected] of values) {
          const found = own.values.get(name)!.subarray(row * expected.length, (row + 1) * expected.length);
          if (difference(found, expected, true) > most) return false;
        }
        // Of two tokens that are as probable but for rounding each may come first; then the texts part.
        if (own.tokens[row] !== tokens[0]) break;
      }
    }
    return true;
  } catch {
    // What cannot be run with padding is run without it, or fails there.
    return false;
  }
}

interface Continued {
  tokens: Int32Array;
  /** Sites' activations, and log probabilities [rows x numbers]. */
  values: Map<string, Float32Array>;
}

/** What a graph gives for each token that it continues texts with. */
async function continued(generator: ImportedGenerator, prompts: Int32Array[], padding?: Padding): Promise<Continued[]> {
  const steps: Continued[] = [];
  const sampling = { method: 'greedy' } as const;
  await generateImported(
    generator,
    {
      ...{ prompts, newTokens, sampling },
      onStep({ tokens, sites, distributions }) {
        steps.push({ tokens, values: new Map([...sites, ['log_probabilities', distributions!]]) });
      },
    },
    padding,
  );
  return steps;
}
