import type { Config } from '../checkpoint/config.js';

/** What a rotary embedding is made of. */
export interface RotaryFrequencies {
  /** Radians a position, [turned dimensions / 2]. */
  inverse: Float32Array;
  /** Cosines and sines are multiplied by this (YaRN's attention factor; otherwise 1). */
  scale: number;
}

const f = Math.fround;

/**
 * Reads rope_parameters (or, as older files have it, rope_theta and rope_scaling). Built are `default`, `linear` (Chen et al.
 * 2023), `dynamic`, `llama3` (Dubey et al. 2024) and `yarn` (Peng et al. 2023); others are refused.
 */
export function readRotary(
  config: Config,
  headSize: number,
  contextLength: number,
  defaults: { theta?: number; fraction?: number } = {},
): RotaryFrequencies {
  const field = config.has('rope_parameters') ? 'rope_parameters' : 'rope_scaling';
  const section = config.section(field);
  const theta = (section?.has('rope_theta') ? section : config).number(
    section?.has('rope_theta') || !config.has('rotary_emb_base') ? 'rope_theta' : 'rotary_emb_base',
    defaults.theta ?? 10000,
  );
  const fraction = section?.has('partial_rotary_factor')
    ? section.number('partial_rotary_factor')
    : config.number(config.has('rotary_pct') ? 'rotary_pct' : 'partial_rotary_factor', defaults.fraction ?? 1);
  // Of an odd number the last dimension is paired with the one behind it, but counts as one in the angles.
  const dimensions = Math.trunc(headSize * fraction);
  const pairs = Math.ceil(dimensions / 2);
  if (dimensions < 1 || 2 * pairs > headSize)
    (section ?? config).refuse(
      'partial_rotary_factor',
      `which would turn ${dimensions} of a head's ${headSize} dimensions`,
    );
  // Single precision step by step, as PyTorch has it: at the thousandth position a rounding more is a different angle.
  const inverse = Float32Array.from({ length: pairs }, (_, i) => f(1 / f(theta ** f((2 * i) / dimensions))));
  const typeField = section?.has('rope_type') ? 'rope_type' : 'type';
  const type = section?.text(typeField, 'default') ?? 'default';
  if (!section || type === 'default') return { inverse, scale: 1 };
  switch (type) {
    case 'linear': {
      const factor = section.number('factor');
      return { inverse: inverse.map((w) => w / factor), scale: 1 };
    }
    case 'dynamic':
      // Changes the base beyond max_position_embeddings only, and that is where the context ends here.
      return { inverse, scale: 1 };
    case 'llama3':
      return { inverse: scaleLlama3(inverse, section, originalContext(config, section, contextLength)), scale: 1 };
    case 'yarn':
      if (dimensions % 2 !== 0)
        section.refuse(typeField, `and yarn turns an even number of dimensions, not ${dimensions}`);
      return scaleYarn(theta, dimensions, section, originalContext(config, section, contextLength), contextLength);
    default:
      return section.refuse(typeField, 'and the kinds that can be built are default, linear, dynamic, llama3 and yarn');
  }
}

function originalContext(config: Config, section: Config, contextLength: number): number {
  const field = 'original_max_position_embeddings';
  return (config.has(field) ? config : section).integer(field, contextLength);
}

/** Long waves are stretched by `factor`, short ones kept, those between interpolated (Llama 3.1). */
function scaleLlama3(inverse: Float32Array, section: Config, original: number): Float32Array {
  const factor = section.number('factor');
  const low = section.number('low_freq_factor');
  const high = section.number('high_freq_factor');
  return inverse.map((w) => {
    const wavelength = (2 * Math.PI) / w;
    if (wavelength < original / high) return w;
    if (wavelength > original / low) return w / factor;
    const smooth = (original / wavelength - low) / (high - low);
    return ((1 - smooth) * w) / factor + smooth * w;
  });
}

/** NTK by parts: a ramp between interpolated and untouched dimensions, and a factor on the attention (arXiv 2309.00071). */
function scaleYarn(
  theta: number,
  dimensions: number,
  section: Config,
  original: number,
  contextLength: number,
): RotaryFrequencies {
  const factor = section.number('factor', contextLength / original);
  const dimensionOf = (turns: number) =>
    (dimensions * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  let low = dimensionOf(section.number('beta_fast', 32));
  let high = dimensionOf(section.number('beta_slow', 1));
  if (section.boolean('truncate', true)) {
    low = Math.floor(low);
    high = Math.ceil(high);
  }
  low = Math.max(low, 0);
  high = Math.min(high, dimensions - 1);
  if (low === high) high += 0.001;
  const inverse = Float32Array.from({ length: dimensions / 2 }, (_, i) => {
    const ramp = Math.min(1, Math.max(0, (i - low) / (high - low)));
    const w = 1 / f(theta ** f((2 * i) / dimensions));
    return (w / factor) * ramp + w * (1 - ramp);
  });
  const gain = (mscale: number) => (factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1);
  const mscale = section.number('mscale', 0);
  const overall = section.number('mscale_all_dim', 0);
  const inferred = mscale && overall ? gain(mscale) / gain(overall) : gain(1);
  return { inverse, scale: section.number('attention_factor', inferred) };
}
