// Relabellings a second as a ratio of onnxruntime's matrix product rate, measured beside it in the same process.
//
//   node packages/core/statistics/bench/permutations.mjs [--units 150000] [--prompts 108] [--relabellings 5000] [--uncorrected]
//
// A relabelling of V units by B prompts is one row of a product: 2 B V operations; with a variance for each condition (--pooled turns it
// off) two rows, and a draw of the wild bootstrap five, as plain products would take; the test itself bounds some of them away and
// multiplies bytes. The ratio compares the whole test (residuals,
// product, maxima, observed t) with a bare MatMul of the same operands, output kept, in tiles of 1,024 and 4,096 units, and with
// the product of squares, where MatMul is at its fastest.
import { parseArgs } from 'node:util';
import { randomStream } from '@galvani/numerics';
import * as ort from '@galvani/onnx';
import { maximumNull, planPermutations } from '@galvani/statistics';

const { values } = parseArgs({
  options: {
    units: { type: 'string', default: '150000' },
    prompts: { type: 'string', default: '108' },
    relabellings: { type: 'string', default: '5000' },
    uncorrected: { type: 'boolean', default: false },
    pooled: { type: 'boolean', default: false },
  },
});
const [units, prompts, count] = [values.units, values.prompts, values.relabellings].map(Number);
const perRun = 18;
const stream = randomStream(1, 'bench');
const pool = Float32Array.from({ length: 1 << 20 }, () => stream.normal());
function noise(length) {
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = pool[(i * 31 + (i >> 20)) & (pool.length - 1)];
  return out;
}
const seconds = async (work) => {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1e9;
};

const product = await ort.InferenceSession.create(
  ort.encodeModel({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'product',
      node: [ort.graphNode('MatMul', ['a', 'b'], ['c'])],
      initializer: [],
      input: [ort.valueInfo('a', 'float32', ['m', 'k']), ort.valueInfo('b', 'float32', ['k', 'n'])],
      output: [ort.valueInfo('c', 'float32', ['m', 'n'])],
      valueInfo: [],
    },
  }),
);

/** Operations a second of MatMul [m x k] [k x n], the output tensor made once. */
async function productRate(m, k, n) {
  const feeds = {
    a: new ort.Tensor('float32', noise(m * k), [m, k]),
    b: new ort.Tensor('float32', noise(k * n), [k, n]),
  };
  const fetches = { c: new ort.Tensor('float32', new Float32Array(m * n), [m, n]) };
  await product.run(feeds, fetches);
  const repeats = Math.max(3, Math.ceil(2e10 / (2 * m * k * n)));
  const took = await seconds(async () => {
    for (let i = 0; i < repeats; i++) await product.run(feeds, fetches);
  });
  return (repeats * 2 * m * k * n) / took;
}

const labels = Array.from({ length: prompts }, (_, b) => (b % perRun >= 6 && b % perRun < 12 ? 1 : 0));
const runs = Int32Array.from(labels, (_, b) => Math.floor(b / perRun));
const conditions = values.pooled ? undefined : Int32Array.from(labels);
const means = noise(prompts * units);
const warm = noise(prompts * 4096);
const options = { uncorrected: values.uncorrected };
await maximumNull(planPermutations({ labels, runs, conditions, count, seed: 1 }), options).add(warm);

const plan = planPermutations({ labels, runs, conditions, count, seed: 1 });
// Rounds in turns, the best of each: what else the machine does falls on both sides.
let took = Infinity;
let [same, square] = [0, 0];
const measureProducts = async () => {
  same = Math.max(same, await productRate(count, prompts, 1024), await productRate(count, prompts, 4096));
  square = Math.max(square, await productRate(1024, 1024, 1024));
};
for (let round = 0; round < 2; round++) {
  await measureProducts();
  const time = await seconds(async () => {
    const gathered = maximumNull(plan, options);
    const { statistic } = await gathered.add(means);
    gathered.finish().log10p(statistic);
  });
  took = Math.min(took, time);
}
await measureProducts();
const rowsOfProducts = values.pooled ? count : 2 * count + 5 * plan.wild.count;
const rate = (2 * rowsOfProducts * prompts * units) / took;
const giga = (value) => `${(value / 1e9).toFixed(0)} GFLOP/s`;
console.log(`${count} relabellings of ${units} units by ${prompts} prompts: ${took.toFixed(2)} s`);
console.log(`  ${(count / took).toFixed(0)} relabellings/s, ${giga(rate)}; limit: at least half of MatMul's`);
console.log(`  ratio ${(rate / same).toFixed(2)} to MatMul of the same operands (${giga(same)})`);
console.log(`  ratio ${(rate / square).toFixed(2)} to MatMul of 1,024 by 1,024 squares (${giga(square)})`);
console.log(`  peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
