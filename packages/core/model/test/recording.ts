import type { Subject } from '../src/subject.js';

export const greedy = { method: 'greedy' } as const;

/** Each prompt's tokens and, by site, its activations [tokens x width]. */
export async function record(subject: Subject, prompts: Int32Array[], newTokens: number) {
  const activations = prompts.map(
    () => new Map(subject.sites.map((s) => [s.name, new Float32Array(newTokens * s.width)])),
  );
  const { tokens } = await subject.generate({
    prompts,
    newTokens,
    sampling: greedy,
    onStep({ position, sites }) {
      for (const { name, width } of subject.sites)
        for (const [r, recorded] of activations.entries())
          recorded.get(name)!.set(sites.get(name)!.subarray(r * width, (r + 1) * width), position * width);
    },
  });
  return { tokens: tokens.map((t) => [...t]), activations };
}
