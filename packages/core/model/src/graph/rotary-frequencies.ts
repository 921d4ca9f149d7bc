import { type Config, createConfig } from '../checkpoint/config.js';

/** What a rotary embedding is made of. */
export interface RotaryFrequencies {
  /** Radians a position, [turned dimensions / 2]. */
  inverse: Float32Array;
  /** Cosines and sines are multiplied by this (YaRN's attention factor; otherwise 1). */
  scale: number;
  /** Most positions of a text for which they hold, where a longer one has others. */
  longest?: number;
}

const f = Math.fround;

/** Where a family's config.json has what the rotary embedding's own section does not say. */
export interface RotaryFields {
  /** The field of its base; none where its section alone says it. */
  theta?: string;
  /** Its value where it is not said. Default: 10,000. */
  otherwise?: number;
  /** The share of each head that is turned; absent: all of it is, whatever partial_rotary_factor says. */
  fraction?: { field: string; otherwise: number /** An odd number of dimensions cannot be turned. */; even?: true };
  /** What stands for rope_parameters where config.json has neither these nor rope_scaling. */
  absent?: Record<string, unknown>;
  /** Other names of kinds. */
  kinds?: Record<string, string>;
  /** Whether `dynamic` may have an `alpha`, which changes the base at all lengths (Hunyuan). */
  alpha?: boolean;
  /** Of a family whose config.json has the positions before stretching outside the section: the value where it is not said. */
  original?: number;
  /** Whether `proportional` may be: the angles of a whole head's, of which the slower ones are 0 (Gemma 4). */
  proportional?: boolean;
}

const positive = { above: 0 };

const usual: RotaryFields = { theta: 'rope_theta' };

/**
 * Reads rope_scaling where it says something, else rope_parameters, as transformers 5 does (`convert_rope_params_to_dict` in
 * modeling_rope_utils.py). Built are `default`, `linear` (Chen et al. 2023), `dynamic`, `llama3` (Dubey et al. 2024), `yarn`
 * (Peng et al. 2023) and `longrope` (Ding et al. 2024, arXiv 2402.13753); others are refused. Of longrope these are the frequencies of texts no longer than the
 * original context, since one graph has one set of them: `longest` says how long that is.
 */
export function readRotary(
  config: Config,
  headSize: number,
  contextLength: number,
  fields: RotaryFields = usual,
): RotaryFrequencies {
  const found = frequencies(config, rotarySection(config, fields), headSize, contextLength, fields);
  if (![...found.inverse, f(found.scale)].every(Number.isFinite)) {
    const { theta = 'rope_parameters' } = fields;
    const written = ['rope_scaling', 'rope_parameters', theta].find(config.has) ?? theta;
    config.refuse(written, 'which makes rotary embeddings that are not finite numbers in float32');
  }
  return found;
}

/**
 * Those of blocks whose window slides and of all others, where a family has both: as rope_parameters says for `sliding_attention` and
 * `full_attention`, or, in older files, with rope_scaling for the others alone.
 *
 * @param headSize of all blocks, or of each kind
 * @param absent what stands for rope_parameters where config.json has none
 */
export function readRotaryByWindow(
  config: Config,
  headSize: number | { full: number; sliding: number },
  contextLength: number,
  fields: { full: RotaryFields; sliding: RotaryFields },
  absent: Record<string, unknown> = {},
): { full: RotaryFrequencies; sliding: RotaryFrequencies } {
  const parameters = config.section('rope_parameters') ?? createConfig(absent, config.path, 'rope_parameters.');
  const sizes = typeof headSize === 'number' ? { full: headSize, sliding: headSize } : headSize;
  const flat = parameters.fields().find((field) => field !== 'full_attention' && field !== 'sliding_attention');
  if (flat)
    parameters.refuse(
      flat,
      'and this family says it for full_attention and sliding_attention, each in a section of its own',
    );
  const written = config.section('rope_scaling');
  const scaling = written && written.fields().length > 0 ? written : undefined;
  const of = (section: Config | undefined, kind: 'full' | 'sliding') =>
    frequencies(config, section ?? config.empty(), sizes[kind], contextLength, fields[kind]);
  return {
    full: of(scaling ?? parameters.section('full_attention'), 'full'),
    sliding: of(parameters.section('sliding_attention'), 'sliding'),
  };
}

function frequencies(
  config: Config,
  section: Config,
  headSize: number,
  contextLength: number,
  fields: RotaryFields,
): RotaryFrequencies {
  const base = section.has('rope_theta')
    ? section.number('rope_theta', undefined, positive)
    : fields.theta === undefined
      ? (fields.otherwise ?? 10000)
      : config.number(fields.theta, fields.otherwise ?? 10000, positive);
  refuseLostTheta(config, base);
  const typeField = section.has('rope_type') ? 'rope_type' : 'type';
  const written = section.text(typeField, 'default');
  const type = fields.kinds?.[written] ?? written;
  const alpha = type === 'dynamic' && fields.alpha ? section.number('alpha', 0, { from: 0 }) : 0;
  const theta = alpha > 0 ? base * alpha ** (headSize / (headSize - 2)) : base;
  if (type === 'proportional' && fields.proportional) return proportional(config, section, theta, headSize);
  const dimensions = turnedDimensions(config, section, headSize, type, fields);
  const inverse = usualFrequencies(theta, dimensions);
  const original = () => originalContext(config, section, contextLength, fields);
  switch (type) {
    case 'default':
      return { inverse, scale: 1 };
    case 'linear': {
      const factor = section.number('factor', undefined, positive);
      return { inverse: inverse.map((w) => f(w / f(factor))), scale: 1 };
    }
    case 'dynamic':
      // Changes the base beyond max_position_embeddings only, and that is where the context ends here.
      section.number('factor', undefined, positive);
      return { inverse, scale: 1 };
    case 'llama3':
      return { inverse: scaleLlama3(inverse, section, original()), scale: 1 };
    case 'yarn':
      if (dimensions % 2 !== 0)
        section.refuse(typeField, `and yarn turns an even number of dimensions, not ${dimensions}`);
      return scaleYarn(theta, dimensions, section, original(), contextLength);
    case 'longrope':
      return scaleLong(theta, dimensions, section, original(), contextLength);
    default:
      return section.refuse(
        typeField,
        `and the kinds that can be built are default, linear, dynamic, llama3, yarn${fields.proportional ? ', longrope and proportional' : ' and longrope'}`,
      );
  }
}

/** Those of the paper, for `dimensions` that are turned: theta^(-2i / dimensions). */
export function usualFrequencies(theta: number, dimensions: number): Float32Array {
  // Single precision step by step, as PyTorch has it: at the thousandth position a rounding more is a different angle.
  const length = Math.ceil(dimensions / 2);
  return Float32Array.from({ length }, (_, i) => f(1 / f(theta ** f((2 * i) / dimensions))));
}

/** The waves of a whole head, of which as many as `partial_rotary_factor` says turn, and all others stand still. */
function proportional(config: Config, section: Config, theta: number, headSize: number): RotaryFrequencies {
  if (headSize % 2 !== 0) config.refuse('head_dim', `and a head of ${headSize} dimensions cannot be turned in pairs`);
  const share = section.number('partial_rotary_factor', 1, { from: 0 });
  const turning = Math.floor((share * headSize) / 2);
  if (turning > headSize / 2)
    section.refuse('partial_rotary_factor', `which would turn ${2 * turning} of a head's ${headSize} dimensions`);
  const factor = section.number('factor', 1, positive);
  const inverse = usualFrequencies(theta, headSize).map((w, i) => (i < turning ? w / factor : 0));
  return { inverse, scale: 1 };
}

function rotarySection(config: Config, { absent }: RotaryFields): Config {
  if (absent && !config.has('rope_scaling') && !config.has('rope_parameters'))
    return createConfig(absent, config.path, 'rope_parameters.');
  const given = config.raw('rope_scaling');
  const says = typeof given === 'object' ? Object.keys(given as object).length > 0 : given !== undefined;
  const section = config.section(says ? 'rope_scaling' : 'rope_parameters') ?? config.empty();
  const nested = section.fields().find((field) => {
    const value = section.raw(field);
    return typeof value === 'object' && !Array.isArray(value);
  });
  if (nested) section.refuse(nested, 'and rotary embeddings that differ from block to block are not built');
  return section;
}

/** rope_scaling beside rope_parameters makes transformers forget the latter's base, which nobody means. */
function refuseLostTheta(config: Config, theta: number): void {
  const written = config.section('rope_parameters')?.raw('rope_theta');
  if (typeof written === 'number' && written !== theta)
    config.refuse(
      'rope_scaling',
      `which stands in place of rope_parameters, whose rope_theta ${written} would be lost (${theta} would be used): write rope_theta into rope_scaling, or all of it into rope_parameters`,
    );
}

/** How many of a head's dimensions are turned. */
function turnedDimensions(
  config: Config,
  section: Config,
  headSize: number,
  type: string,
  { fraction }: RotaryFields,
): number {
  const own = 'partial_rotary_factor';
  if (fraction === undefined) {
    // Outside GPT-NeoX the usual embedding turns the whole head; the scaled ones would turn a part and then fail.
    const [from, share] = section.has(own) ? [section, section.number(own)] : [config, config.number(own, 1)];
    if (type !== 'default' && Math.trunc(headSize * share) !== headSize)
      from.refuse(own, `and a head that is turned in part is not built with rope_type ${type}`);
    if (headSize % 2 !== 0) config.refuse('head_dim', `and a head of ${headSize} dimensions cannot be turned in pairs`);
    return headSize;
  }
  // Of an odd number the last dimension is paired with the one behind it, but counts as one in the angles.
  const share = section.has(own) ? section.number(own) : config.number(fraction.field, fraction.otherwise);
  const dimensions = Math.trunc(headSize * share);
  if (dimensions < 1 || 2 * Math.ceil(dimensions / 2) > headSize || (fraction.even && dimensions % 2 !== 0))
    (section.has(own) ? section : config).refuse(
      section.has(own) ? own : fraction.field,
      `which would turn ${dimensions} of a head's ${headSize} dimensions`,
    );
  return dimensions;
}

function originalContext(config: Config, section: Config, contextLength: number, { original }: RotaryFields): number {
  const field = 'original_max_position_embeddings';
  // A family that has the field outside the section goes by that one alone.
  if (original !== undefined) return config.integer(field, original);
  return (config.has(field) ? config : section).integer(field, contextLength);
}

/**
 * Long waves are stretched by `factor`, short ones kept, those between interpolated (Llama 3.1). Rounded to single precision step by step, as PyTorch
 * does: angles multiply what a frequency is off by the position. A number over a tensor is there its reciprocal times the number.
 */
function scaleLlama3(inverse: Float32Array, section: Config, original: number): Float32Array {
  const factor = f(section.number('factor', undefined, positive));
  const low = section.number('low_freq_factor', undefined, positive);
  const high = section.number('high_freq_factor', undefined, positive);
  return inverse.map((w) => {
    const wavelength = f(f(1 / w) * f(2 * Math.PI));
    if (wavelength < original / high) return w;
    if (wavelength > original / low) return w / factor;
    const smooth = f(f(f(f(1 / wavelength) * f(original)) - f(low)) / f(high - low));
    return f(f(f(1 - smooth) * w) / factor) + f(smooth * w);
  });
}

/** Each wave stretched by a factor of its own, and a factor on the attention (arXiv 2402.13753). */
function scaleLong(
  theta: number,
  dimensions: number,
  section: Config,
  original: number,
  contextLength: number,
): RotaryFrequencies {
  const factors = section.raw('short_factor');
  const pairs = Math.floor(dimensions / 2);
  if (!Array.isArray(factors) || factors.length !== pairs || !factors.every((x) => typeof x === 'number' && x > 0))
    section.refuse('short_factor', `and has to be a list of ${pairs} positive numbers`);
  const inverse = Float32Array.from(factors as number[], (x, i) =>
    f(1 / f(f(x) * f(theta ** f((2 * i) / dimensions)))),
  );
  const factor = section.number('factor', contextLength / original, positive);
  const inferred = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
  return { inverse, scale: section.number('attention_factor', inferred), longest: original };
}

/** NTK by parts: a ramp between interpolated and untouched dimensions, and a factor on the attention (arXiv 2309.00071). */
function scaleYarn(
  theta: number,
  dimensions: number,
  section: Config,
  original: number,
  contextLength: number,
): RotaryFrequencies {
  const factor = section.number('factor', contextLength / original, positive);
  const dimensionOf = (turns: number) =>
    (dimensions * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  let low = dimensionOf(section.number('beta_fast', 32, positive));
  let high = dimensionOf(section.number('beta_slow', 1, positive));
  if (section.boolean('truncate', true)) {
    low = Math.floor(low);
    high = Math.ceil(high);
  }
  low = Math.max(low, 0);
  high = Math.min(high, dimensions - 1);
  if (low === high) high += 0.001;
  const inverse = Float32Array.from({ length: dimensions / 2 }, (_, i) => {
    const ramp = Math.min(1, Math.max(0, f(f(i - f(low)) / f(high - low))));
    const length = f(theta ** f((2 * i) / dimensions));
    const kept = f(1 - ramp);
    return f(f(1 / f(f(factor) * length)) * f(1 - kept)) + f(f(1 / length) * kept);
  });
  const gain = (mscale: number) => (factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1);
  const mscale = section.number('mscale', 0);
  const overall = section.number('mscale_all_dim', 0);
  const inferred = mscale && overall ? gain(mscale) / gain(overall) : gain(1);
  return { inverse, scale: section.number('attention_factor', inferred) };
}
