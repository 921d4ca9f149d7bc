import type { MapSite, Recording } from '@galvani/results';
import type { RestActivity } from '@galvani/statistics';

/** What the units of a site do while the model is at rest, which is in off blocks, whatever they hold. */
export interface SiteAtRest extends RestActivity {
  /** Means over tokens of each rest prompt, [prompts] of [width]; empty where they were not asked for. */
  prompts: Float64Array[];
}

/**
 * Reads the rest prompts' rows of some sites. Where a study keeps moments of prompts alone a row is a prompt's mean, and spreads are between
 * prompts.
 *
 * @param byPrompt whether each prompt's means are kept
 */
export async function restActivity(
  recordings: readonly Recording[],
  sites: readonly MapSite[],
  byPrompt: boolean,
  onRun: () => void,
): Promise<Map<string, SiteAtRest>> {
  const found = new Map<string, SiteAtRest>();
  for (const { site, width } of sites)
    found.set(site, { mean: new Float64Array(width), spread: new Float64Array(width), prompts: [] });
  const layers = [...new Set(sites.map(({ layer }) => layer))];
  const level = new Map<string, Float64Array>();
  let rows = 0;
  for (const recording of recordings) {
    const { isTask, moments } = recording;
    const promptOfRow = moments ? Int32Array.from(isTask.keys()) : recording.promptOfRow;
    const openLayer = (layer: string) => (moments ? moments.open(layer, 'means') : recording.openLayer(layer));
    const atRest = promptOfRow.filter((prompt) => isTask[prompt] === 0).length;
    for (const layer of layers) {
      const file = await openLayer(layer);
      try {
        const columns = file.columns.flatMap(({ site }, c) => (found.has(site) ? [{ site, c }] : []));
        const sums = columns.map(({ site }) =>
          Array.from(isTask, (on) => (on ? undefined : new Float64Array(found.get(site)!.mean.length))),
        );
        const counts = new Int32Array(isTask.length);
        for (const prompt of promptOfRow) counts[prompt]++;
        for await (const { firstRow, rows: count, values } of file.batches())
          for (const [k, { site, c }] of columns.entries()) {
            const { mean, spread } = found.get(site)!;
            const width = mean.length;
            // Squares about a unit's first value, of which a large level leaves something.
            const shift = level.get(site) ?? Float64Array.from(values[c].subarray(0, width));
            level.set(site, shift);
            for (let r = 0; r < count; r++) {
              const sum = sums[k][promptOfRow[firstRow + r]];
              if (!sum) continue;
              for (let u = 0, at = r * width; u < width; u++, at++) {
                const value = values[c][at] - shift[u];
                sum[u] += values[c][at];
                mean[u] += value;
                spread[u] += value * value;
              }
            }
          }
        for (const [k, { site }] of columns.entries())
          for (const [prompt, sum] of sums[k].entries())
            if (sum && byPrompt) found.get(site)!.prompts.push(sum.map((value) => value / counts[prompt]));
      } finally {
        await file.close();
      }
    }
    rows += atRest;
    onRun();
  }
  for (const [site, { mean, spread }] of found) {
    const shift = level.get(site)!;
    for (let u = 0; u < mean.length; u++) {
      const average = mean[u] / rows;
      spread[u] = Math.sqrt(Math.max(0, spread[u] / rows - average * average));
      mean[u] = average + shift[u];
    }
  }
  return found;
}
