import type { Site } from '@galvani/model';
import type { Recordable } from '../../src/recording/present-runs.js';

export const sites: Site[] = [
  { name: 'a', width: 3, kind: 'embedding', layer: 'embeddings' },
  { name: 'b', width: 1, kind: 'linear', layer: 'block-00' },
  { name: 'c', width: 2, kind: 'block', layer: 'block-00' },
];

/** What the stand-in's site number `site` gives at `unit` for token `position` of the prompt that begins with `prompt`. */
export const activations = (prompt: number, position: number, site: number, unit: number) =>
  prompt * 1000 + position * 10 + site + unit / 10;

/**
 * A subject without a model: each number says where it belongs. As the real one, it reuses its memory for every other step
 * and goes on while a step is being stored.
 */
export function standIn(afterStep: (step: number) => void = () => {}): Recordable {
  return {
    sites,
    half: false,
    async generate({ prompts, newTokens, onStep, signal }) {
      const rows = prompts.length;
      const memory = [0, 1].map(() => sites.map(({ width }) => new Float32Array(rows * width)));
      const stored: (void | Promise<void>)[] = [undefined, undefined];
      const tokens = prompts.map(() => new Int32Array(newTokens));
      for (let position = 0; position < newTokens; position++) {
        signal?.throwIfAborted();
        const half = position % 2;
        await stored[half];
        for (const [s, { width }] of sites.entries())
          for (let r = 0; r < rows; r++)
            for (let u = 0; u < width; u++) memory[half][s][r * width + u] = activations(prompts[r][0], position, s, u);
        const chosen = Int32Array.from(prompts, (prompt) => prompt[0] + position);
        for (let r = 0; r < rows; r++) tokens[r][position] = chosen[r];
        const promise = onStep?.({
          position,
          rows,
          tokens: chosen,
          logProbabilities: new Float32Array(rows).fill(-position),
          entropies: new Float32Array(rows).fill(position / 2),
          distributions: new Float32Array(rows),
          sites: new Map(sites.map(({ name }, s) => [name, memory[half][s]])),
        });
        promise?.catch(() => {});
        stored[half] = promise;
        afterStep(position);
      }
      await Promise.all(stored);
      const perPrompt = prompts.map(() => new Float32Array(newTokens));
      return { tokens, logProbabilities: perPrompt, entropies: perPrompt };
    },
  };
}
