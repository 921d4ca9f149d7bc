import type { Pace } from '@galvani/forecast';
import type { PlannedParameters } from '@galvani/study';

/** Tokens of the prompts that are presented, where the context holds them. */
export const promptTokens = 16;
/** Tokens that are generated after each. */
const generated = 4;

/**
 * Presents a model with a batch of prompts of made-up tokens and looks at the clock. Most of the time is taken by the weights, which have to be read and are
 * computed with whatever the prompts say.
 *
 * @param path of the checkpoint
 * @param batch prompts at once
 */
export async function measuredPace(
  path: string,
  { extract }: Pick<PlannedParameters, 'extract'>,
  batch: number,
  signal: AbortSignal,
): Promise<Pace> {
  const { loadSubject } = await import('@galvani/model');
  const { mode, keep, moments, sites, device, storage } = extract;
  const summed = keep === 'prompts' && moments === 'mean' && mode === 'generate';
  const began = performance.now();
  const half = storage === 'float16' && keep === 'tokens';
  // Its digest would take as long as reading all weights once more, and nothing is kept of this.
  const subject = await loadSubject(path, { sites, device, half, summed, digest: 'unused' });
  try {
    const loading = secondsSince(began);
    const length = Math.max(1, Math.min(promptTokens, subject.contextLength - generated - 1));
    const prompts = Array.from({ length: batch }, (_, p) =>
      Int32Array.from({ length }, (_, t) => (7919 * (p * length + t) + 11) % subject.vocabularySize),
    );
    // What a prompt of all of them takes, of what the batch took.
    const whole = promptTokens / length / batch;
    const generate = async (newTokens: number) => {
      const start = performance.now();
      await subject.generate({ prompts, newTokens, sampling: { method: 'greedy' }, signal });
      return secondsSince(start);
    };
    if (mode === 'read') {
      const read = async () => {
        const start = performance.now();
        await subject.read({ texts: prompts, onPassage: () => undefined, signal });
        return secondsSince(start);
      };
      await read();
      return { loading, prompt: (await read()) * whole, token: 0 };
    }
    // The first takes memory that later ones have.
    await generate(1);
    const [short, long] = [await generate(1), await generate(1 + generated)];
    const token = Math.max(0, long - short) / generated;
    return { loading, prompt: Math.max(0, short - token) * whole, token: token / batch };
  } finally {
    await subject.release();
  }
}

const secondsSince = (began: number) => (performance.now() - began) / 1000;
