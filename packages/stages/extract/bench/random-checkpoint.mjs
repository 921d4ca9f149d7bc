import { mkdir, open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Galactica-125M's shape: 12 blocks, width 768, 12 heads, feed-forward 3072, vocabulary 50,000, context 2,048. */
export const galacticaShape = {
  blocks: 12,
  width: 768,
  heads: 12,
  feedForward: 3072,
  vocabulary: 50_000,
  context: 2048,
};

/**
 * Writes an OPT checkpoint of random float16 weights (config.json and model.safetensors) into `folder`, unless it is there.
 * The same shape gives the same bytes.
 */
export async function randomCheckpoint(folder, shape = galacticaShape) {
  const { blocks, width, heads, feedForward, vocabulary, context } = shape;
  const weights = join(folder, 'model.safetensors');
  if (await stat(join(folder, 'config.json')).catch(() => undefined)) return folder;
  await mkdir(folder, { recursive: true });
  const tensors = [
    ['model.decoder.embed_tokens.weight', [vocabulary, width]],
    ['model.decoder.embed_positions.weight', [context + 2, width]],
  ];
  const affine = (name) => tensors.push([`${name}.weight`, [width], 'one'], [`${name}.bias`, [width]]);
  const linear = (name, from, to) => tensors.push([`${name}.weight`, [to, from]], [`${name}.bias`, [to]]);
  for (let i = 0; i < blocks; i++) {
    const block = `model.decoder.layers.${i}`;
    affine(`${block}.self_attn_layer_norm`);
    for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) linear(`${block}.self_attn.${part}`, width, width);
    affine(`${block}.final_layer_norm`);
    linear(`${block}.fc1`, width, feedForward);
    linear(`${block}.fc2`, feedForward, width);
  }
  affine('model.decoder.final_layer_norm');

  const header = {};
  let offset = 0;
  for (const [name, dims] of tensors) {
    const bytes = 2 * dims.reduce((a, b) => a * b, 1);
    header[name] = { dtype: 'F16', shape: dims, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  let text = JSON.stringify(header);
  text = text.padEnd(Math.ceil(text.length / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = await open(weights, 'w');
  await file.write(length);
  await file.write(text);
  const noise = normalNoise();
  for (const [, dims, kind] of tensors) {
    const halves = new Uint16Array(dims.reduce((a, b) => a * b, 1));
    if (kind === 'one') halves.fill(0x3c00);
    else noise(halves);
    await file.write(new Uint8Array(halves.buffer));
  }
  await file.close();
  const config = {
    architectures: ['OPTForCausalLM'],
    model_type: 'opt',
    activation_function: 'gelu',
    do_layer_norm_before: true,
    ffn_dim: feedForward,
    hidden_size: width,
    max_position_embeddings: context,
    num_attention_heads: heads,
    num_hidden_layers: blocks,
    tie_word_embeddings: true,
    vocab_size: vocabulary,
    word_embed_proj_dim: width,
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config, null, 2));
  return folder;
}

/** Fills arrays with halves of a normal distribution of spread 0.02, drawn from a table by a xorshift generator. */
function normalNoise() {
  let state = 0x2545f491;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const uniform = () => (next() + 0.5) / 2 ** 32;
  const table = Uint16Array.from({ length: 65_536 }, () => {
    const value = 0.02 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const exponent = Math.floor(Math.log2(Math.abs(value)));
    if (exponent < -14) return 0;
    const fraction = Math.min(1023, Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024));
    return ((value < 0 ? 1 : 0) << 15) | ((exponent + 15) << 10) | fraction;
  });
  return (halves) => {
    for (let i = 0; i < halves.length; i++) halves[i] = table[next() >>> 16];
  };
}
