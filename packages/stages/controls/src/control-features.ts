import type { RunActivity } from '@galvani/identification';
import type { Recording } from '@galvani/results';
import type { PresentedPrompts } from './presented-prompts.js';
import type { Features } from './reference-answers.js';
import type { Activity } from './task-networks.js';
import { counted, wordingFeatures } from './wording-features.js';

/** Something that decoders see of prompts. */
export interface NamedFeatures extends Features {
  name: string;
  source: 'activity' | 'twin' | 'wording';
}

/** Where the units of a site lie among all. */
export interface SiteUnits {
  site: string;
  kind: string;
  layer: string;
  first: number;
  width: number;
}

/** Sites of a recording in the order of its units. */
export async function sitesOf({ layers, openLayer }: Recording): Promise<SiteUnits[]> {
  const sites: SiteUnits[] = [];
  let first = 0;
  for (const layer of layers) {
    const file = await openLayer(layer);
    await file.close();
    for (const { site: name, kind = '', width } of file.columns) {
      sites.push({ site: name, kind, layer, first, width });
      first += width;
    }
  }
  return sites;
}

/** Activity of all prompts, run after run. */
export function wholeActivity(runs: readonly RunActivity[]): Activity {
  const units = runs[0].means.length / runs[0].isTask.length;
  const values = new Float32Array(runs.reduce((sum, { means }) => sum + means.length, 0));
  let at = 0;
  for (const { means } of runs) {
    values.set(means, at);
    at += means.length;
  }
  return { values, units };
}

/** Units of each layer alone, and of each kind of site. */
export function partsOf({ values, units }: Activity, sites: readonly SiteUnits[]): NamedFeatures[] {
  const parts = new Map<string, SiteUnits[]>();
  const add = (name: string, site: SiteUnits) => parts.set(name, [...(parts.get(name) ?? []), site]);
  for (const site of sites) {
    add(`layer ${site.layer}`, site);
    if (site.kind !== '') add(`kind ${site.kind}`, site);
  }
  const rows = values.length / units;
  return [...parts].map(([name, own]) => {
    const width = own.reduce((sum, site) => sum + site.width, 0);
    const part = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++) {
      let to = row * width;
      for (const site of own) {
        part.set(values.subarray(row * units + site.first, row * units + site.first + site.width), to);
        to += site.width;
      }
    }
    return { name, source: 'activity', kind: 'activity', values: part, width };
  });
}

/** What the prompts are before the model does anything with them, and the tokens that it answered with. */
export function textFeatures(
  prompts: PresentedPrompts,
  tokens: readonly Int32Array[],
  embeddings: { values: Float32Array; width: number } | undefined,
  answers: readonly (readonly number[])[] | undefined,
): NamedFeatures[] {
  const features = wordingFeatures(prompts, tokens, embeddings).map(
    (own): NamedFeatures => ({ ...own, source: 'wording' }),
  );
  if (!answers) return features;
  const generated = counted(
    'generated tokens',
    answers.map((own) => own.map(String)),
  );
  return [...features, { ...generated, source: 'activity' }];
}

/** Tokens that the model generated after each prompt of a run. */
export const generatedTokens = ({ events, tokens }: Recording): number[][] =>
  events.map((_, p) => tokens.filter(({ prompt }) => prompt === p).map(({ token_id }) => token_id));
