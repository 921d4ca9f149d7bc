import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomStream } from '@galvani/numerics';
import { writeSafetensors } from '../packages/core/model/src/weights/safetensors-write.js';

/** A checkpoint in which known units answer to known tokens. */
export interface PlantedCheckpoint {
  /** Each topic's words, tokens of their own; those of the empty name belong to no topic. */
  words: ReadonlyMap<string, readonly string[]>;
  /** For each task the units that answer to its words (`site unit`), with the sign of the answer. */
  planted: ReadonlyMap<string, ReadonlyMap<string, 1 | -1>>;
}

const width = 48;
const blocks = 2;
const feedForward = 64;
/** A word's embedding is a sum of three vectors at right angles: its topic's, one of all words, and its own. Their lengths: */
const lengths = { topic: 2, word: 1, own: 1 };

/**
 * Writes an OPT checkpoint with a tokenizer, a token a word, whose weights say what every unit of fc1, and of the activation after it,
 * answers to. In each block and for each task five units read the direction that the task's words share, and three read that of all
 * words less that of the task, so that they fall silent; the others read neither. Embeddings of all topics are equally long, or norms
 * would change some topics more than others, and some words would be drawn more often. The head is tied: after a topic's words come
 * others of that topic. Attention and fc2 are small, so that blocks hardly change what the next one reads.
 *
 * @param topics tasks first, `tasks` of them, then rest topics
 * @param size words of each topic
 * @param writing how much each unit that falls in with a task's words adds along a direction that a head of its own reads for them and nothing
 *   else is along, so that the model needs these units to predict them; 0: units answer, and nothing comes of it
 */
export async function writePlantedCheckpoint(
  folder: string,
  topics: readonly string[],
  tasks: number,
  size: number,
  writing = 0,
): Promise<PlantedCheckpoint> {
  const stream = randomStream(1, 'planted-checkpoint');
  const noise = (n: number, deviation: number) => Array.from({ length: n }, () => deviation * stream.normal());
  // Layer norms take the mean away, so directions have none.
  const axes = [new Array<number>(width).fill(width ** -0.5)];
  const direction = () => unitVector(without(noise(width, 1), axes));
  for (let k = 0; k <= topics.length; k++) axes.push(direction());
  const [, ofWords, ...ofTopics] = axes;

  const words = new Map([['', numbered('common', 20)]]);
  for (const topic of topics) words.set(topic, numbered(topic, size));
  const nothing = new Array<number>(width).fill(0);
  const embed = (ofTopic: readonly number[]) => {
    const own = direction();
    return own.map((x, i) => lengths.topic * ofTopic[i] + lengths.word * ofWords[i] + lengths.own * x);
  };
  const special = ['<s>', '<pad>', '</s>', '<unk>'];
  const vocabulary = [...special, ...[...words.values()].flat()];
  const embeddings = [
    ...special.map(() => embed(nothing)),
    ...[...words].flatMap(([topic, own]) => own.map(() => embed(ofTopics[topics.indexOf(topic)] ?? nothing))),
  ];

  const planted = new Map(topics.slice(0, tasks).map((task) => [task, new Map<string, 1 | -1>()]));
  const path = (block: number) => `model.decoder.layers.${block}`;
  const fc1 = Array.from({ length: blocks }, (_, block) => {
    const rows = Array.from({ length: feedForward }, direction);
    const order = stream.shuffled(rows.map((_, unit) => unit));
    for (const [k, units] of [...planted.values()].entries())
      for (const [i, unit] of order.slice(8 * k, 8 * (k + 1)).entries()) {
        const sign = i < 5 ? 1 : -1;
        // Something of their own too, or they would be copies of each other.
        rows[unit] = rows[unit].map((own, j) => sign * ofTopics[k][j] + (sign < 0 ? ofWords[j] : 0) + 3 * own);
        for (const site of ['fc1', 'activation_fn']) units.set(`${path(block)}.${site} ${unit}`, sign);
      }
    return rows.flat();
  });

  const outward = writing === 0 ? [] : Array.from({ length: tasks }, direction);
  const tensors = new Map<string, { shape: number[]; values: number[] }>();
  const put = (name: string, rows: number, values: number[]) =>
    tensors.set(`${name}.weight`, { shape: [rows, values.length / rows], values });
  const positions = 64 + 2;
  put('model.decoder.embed_tokens', vocabulary.length, embeddings.flat());
  put('model.decoder.embed_positions', positions, noise(positions * width, 0.01));
  for (const [block, rows] of fc1.entries()) {
    for (const name of ['q_proj', 'k_proj', 'v_proj', 'out_proj'])
      put(`${path(block)}.self_attn.${name}`, width, noise(width * width, 0.01));
    put(`${path(block)}.fc1`, feedForward, rows);
    const written = noise(width * feedForward, 5e-4);
    for (const [k, out] of outward.entries())
      for (const [name, sign] of planted.get(topics[k])!) {
        const [site, unit] = name.split(' ');
        if (site !== `${path(block)}.activation_fn` || sign < 0) continue;
        for (let i = 0; i < width; i++) written[i * feedForward + Number(unit)] += writing * out[i];
      }
    put(`${path(block)}.fc2`, width, written);
  }

  if (writing !== 0) {
    const head = [
      special.map(() => nothing),
      ...[...words].map(([topic, own]) => own.map(() => outward[topics.indexOf(topic)] ?? nothing)),
    ];
    put('lm_head', vocabulary.length, head.flat(2));
  }

  await mkdir(folder, { recursive: true });
  const json = (name: string, value: object) => writeFile(join(folder, name), JSON.stringify(value));
  await json('config.json', {
    model_type: 'opt',
    vocab_size: vocabulary.length,
    hidden_size: width,
    ffn_dim: feedForward,
    num_hidden_layers: blocks,
    num_attention_heads: 4,
    max_position_embeddings: positions - 2,
    activation_function: 'relu',
    enable_bias: false,
    layer_norm_elementwise_affine: false,
    tie_word_embeddings: writing === 0,
    eos_token_id: 2,
  });
  await json('tokenizer.json', {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
    model: {
      type: 'WordPiece',
      unk_token: '<unk>',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
    },
  });
  await writeSafetensors(
    join(folder, 'model.safetensors'),
    [...tensors].map(([name, { shape }]) => ({ name, dtype: 'F32', shape })),
    async (name) => new Uint8Array(Float32Array.from(tensors.get(name)!.values).buffer),
  );
  return { words, planted };
}

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}${i}`);

/** What is left of a vector without its components along orthonormal axes. */
function without(vector: readonly number[], axes: readonly (readonly number[])[]): number[] {
  let rest = [...vector];
  for (const axis of axes) {
    const along = rest.reduce((sum, value, i) => sum + value * axis[i], 0);
    rest = rest.map((value, i) => value - along * axis[i]);
  }
  return rest;
}

function unitVector(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
