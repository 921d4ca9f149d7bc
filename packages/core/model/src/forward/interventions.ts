import { type InferenceSession, Tensor } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import { interventionInputs } from '../graph/intervention.js';
import type { Site } from '../site.js';

/** What becomes of a site's units: `scale * y + offset` at every position, in the prompt too. */
export interface Intervention {
  /** [rows x width], row-major. 1 leaves a unit as it is. */
  scale: Float32Array;
  /** [rows x width]. -0 leaves a unit as it is, bit for bit. */
  offset: Float32Array;
}

/** By site. Sites that can be intervened on and are not named are left as they are. */
export type Interventions = ReadonlyMap<string, Intervention>;

/**
 * A change of some units of a site. A lesion has scale 0 and as offset 0, a mean or what the units did in another text; amplifying has
 * a scale above 1; an effect that is added has scale 1 and the effect as offset.
 */
export interface UnitChange {
  site: string;
  units: ArrayLike<number>;
  /** One for all of the units, or one for each. Default: 1. */
  scale?: number | ArrayLike<number>;
  /** Default: nothing is added. */
  offset?: number | ArrayLike<number>;
}

/**
 * The changes of each row of a batch, as a request takes them. Of two changes of a unit the later counts.
 *
 * @param sites that can be intervened on
 * @throws UserMistake for another site, or a unit that a site does not have; RangeError for numbers that are missing or not finite as float32
 */
export function rowInterventions(
  sites: readonly Site[],
  rows: readonly (readonly UnitChange[])[],
): Map<string, Intervention> {
  const widths = new Map(sites.map(({ name, width }) => [name, width]));
  const out = new Map<string, Intervention>();
  for (const [row, changes] of rows.entries())
    for (const { site, units, scale = 1, offset = -0 } of changes) {
      const width = widths.get(site);
      if (width === undefined) throw notIntervened(site, sites);
      const own = out.get(site) ?? unchanged(rows.length * width);
      out.set(site, own);
      for (let k = 0; k < units.length; k++) {
        const unit = units[k];
        if (!(Number.isInteger(unit) && unit >= 0 && unit < width))
          throw new UserMistake(`${site} has the units 0 to ${width - 1}, and unit ${unit} is to be changed.`);
        const at = row * width + unit;
        own.scale[at] = typeof scale === 'number' ? scale : scale[k];
        own.offset[at] = typeof offset === 'number' ? offset : offset[k];
        if (!Number.isFinite(own.scale[at]) || !Number.isFinite(own.offset[at]))
          throw new RangeError(`unit ${unit} of ${site} has no finite scale and offset`);
      }
    }
  return out;
}

const unchanged = (length: number): Intervention => ({
  scale: new Float32Array(length).fill(1),
  offset: new Float32Array(length).fill(-0),
});

const notIntervened = (site: string, sites: readonly Site[]) =>
  new UserMistake(
    `${site} cannot be intervened on: the model was loaded for interventions on ${sites.length === 0 ? 'no site' : sites.map(({ name }) => name).join(', ')}.`,
  );

/** @throws UserMistake for a site that cannot be intervened on; RangeError for arrays that are not [rows x width] */
export function checkInterventions(sites: readonly Site[], given: Interventions | undefined, rows: number): void {
  for (const [name, { scale, offset }] of given ?? []) {
    const site = sites.find((each) => each.name === name);
    if (!site) throw notIntervened(name, sites);
    for (const { length } of [scale, offset])
      if (length !== rows * site.width)
        throw new RangeError(
          `an intervention on ${name} has ${length} numbers, and ${rows} rows of ${site.width} units`,
        );
  }
}

/** What becomes of a site in some rows of a request [rows x width]; of one that no intervention is given for nothing. */
export function interventionsOf(
  { name, width }: Site,
  given: Interventions | undefined,
  rows: readonly number[],
): Intervention {
  const own = given?.get(name);
  const out = unchanged(rows.length * width);
  for (const [at, row] of own ? rows.entries() : [])
    for (const part of ['scale', 'offset'] as const)
      out[part].set(own![part].subarray(row * width, (row + 1) * width), at * width);
  return out;
}

/** Feeds of the graph's intervention inputs for rows `first` to `first + rows` of a request. */
export function interventionFeeds(
  sites: readonly Site[],
  given: Interventions | undefined,
  first: number,
  rows: number,
): InferenceSession.FeedsType {
  const feeds: Record<string, Tensor> = {};
  for (const { name, width } of sites) {
    const own = given?.get(name);
    const { scale, offset } = own
      ? {
          scale: own.scale.subarray(first * width, (first + rows) * width),
          offset: own.offset.subarray(first * width, (first + rows) * width),
        }
      : unchanged(rows * width);
    const names = interventionInputs(name);
    feeds[names.scale] = new Tensor('float32', scale, [rows, width]);
    feeds[names.offset] = new Tensor('float32', offset, [rows, width]);
  }
  return feeds;
}
