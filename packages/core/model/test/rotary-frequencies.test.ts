import { expect, test } from 'vitest';
import { createConfig } from '../src/checkpoint/config.js';
import { readRotary } from '../src/graph/rotary-frequencies.js';

/** Single numbers as transformers 5.18 computes them (modeling_rope_utils.py), by their places among those of a head of 64 dimensions. */
const computed: [Record<string, unknown>, number, Record<number, number>][] = [
  [{ rope_type: 'linear', factor: 1.3 }, 32768, { 2: 0.43257027864456177, 14: 0.013679073192179203 }],
  [
    {
      ...{ rope_type: 'llama3', factor: 32, low_freq_factor: 1, high_freq_factor: 4 },
      original_max_position_embeddings: 2048,
    },
    131072,
    { 17: 0.0037317024543881416, 18: 0.001688276301138103, 20: 0.00013021373888477683 },
  ],
  [
    { rope_type: 'yarn', factor: 16, original_max_position_embeddings: 8192, beta_fast: 64, beta_slow: 2 },
    131072,
    { 12: 0.02706180140376091, 13: 0.018583359196782112, 19: 0.0014799924101680517 },
  ],
];

// At position 100,000 an angle is off by 100,000 times what its frequency is.
test.each(computed)('frequencies are rounded as PyTorch rounds them: %o', (scaling, contextLength, expected) => {
  const config = createConfig({ rope_parameters: { rope_theta: 10000, ...scaling } }, 'config.json');
  const { inverse } = readRotary(config, 64, contextLength, { theta: 'rope_theta' });
  for (const [i, value] of Object.entries(expected)) expect(inverse[Number(i)]).toBe(value);
});
