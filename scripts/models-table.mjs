// Compares every family that is built with what transformers computed on its tiny checkpoints (packages/core/model/test/fixtures), prints the table of
// docs/models.md, and with --write puts it there.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = (/** @type {string} */ name) => new URL(`../packages/core/model/dist/${name}.js`, import.meta.url).href;
const { architectures } = await import(built('architectures/registry'));
const { loadSubject } = await import(built('index'));

const fixtures = `${root}packages/core/model/test/fixtures/`;
const json = (/** @type {string} */ path) => JSON.parse(readFileSync(path, 'utf8'));

/** Tensors of a safetensors file, as numbers: a reader of its own, which shares nothing with what is compared. */
function readTensors(/** @type {string} */ path) {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__: _, ...header } = JSON.parse(bytes.toString('utf8', 8, start));
  return new Map(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          data_offsets: [from, to],
        },
      ]) => {
        const size = dtype === 'I64' ? 8 : 4;
        const read = (/** @type {number} */ at) =>
          dtype === 'I64' ? Number(bytes.readBigInt64LE(at)) : bytes.readFloatLE(at);
        return [name, Float64Array.from({ length: (to - from) / size }, (_, i) => read(start + from + i * size))];
      },
    ),
  );
}

/** Largest |found - expected|, relative to the number or to a tenth of the site's largest, whichever is larger. */
function relativeDifference(/** @type {ArrayLike<number>} */ found, /** @type {Float64Array} */ expected) {
  const scale = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return expected.reduce(
    (worst, x, i) => Math.max(worst, Math.abs(found[i] - x) / Math.max(Math.abs(x), scale / 10)),
    0,
  );
}

/** Sites at every position while texts are read, by name. */
async function readSites(/** @type {any} */ subject, /** @type {Int32Array} */ text) {
  const found = new Map(subject.sites.map((/** @type {any} */ { name }) => [name, []]));
  await subject.read({
    texts: [text],
    onPassage({ sites }) {
      for (const [name, values] of sites) found.get(name).push(...values);
    },
  });
  return { tokens: [], found };
}

/** Sites at every new token, by name, and the tokens. */
async function generateSites(
  /** @type {any} */ subject,
  /** @type {Int32Array} */ prompt,
  /** @type {number} */ newTokens,
) {
  const found = new Map(subject.sites.map((/** @type {any} */ { name }) => [name, []]));
  const { tokens } = await subject.generate({
    prompts: [prompt],
    newTokens,
    sampling: { method: 'greedy' },
    onStep({ sites }) {
      for (const [name, values] of sites) found.get(name).push(...values);
    },
  });
  return { tokens: [...tokens[0]], found };
}

/** Generates as transformers did, or reads where nothing is generated, and compares tokens and sites. */
async function compare(/** @type {string} */ folder) {
  const expected = readTensors(`${folder}/expected.safetensors`);
  const inside = readdirSync(folder).includes('inside.safetensors') ? readTensors(`${folder}/inside.safetensors`) : [];
  const all = new Map([...expected, ...inside]);
  const names = [...new Set([...all.keys()].flatMap((name) => /^p0\.site\.(.*)$/.exec(name)?.[1] ?? []))];
  const subject = await loadSubject(folder, { threads: 1, sites: { include: names } });
  let worst = 0;
  let tokens = true;
  for (let p = 0; all.has(`p${p}.input_ids`); p++) {
    const ids = Int32Array.from(all.get(`p${p}.input_ids`) ?? []);
    const generated = [...(all.get(`p${p}.generated`) ?? [])];
    const { tokens: own, found } =
      generated.length > 0 ? await generateSites(subject, ids, generated.length) : await readSites(subject, ids);
    tokens &&= String(own) === String(generated);
    for (const name of names)
      worst = Math.max(worst, relativeDifference(found.get(name), all.get(`p${p}.site.${name}`)));
  }
  await subject.release();
  return { sites: names.length, worst, tokens };
}

const compared = new Map();
for (const group of ['reference', 'variants', 'encoders'])
  for (const entry of readdirSync(fixtures + group, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const folder = `${fixtures}${group}/${entry.name}`;
    if (!readdirSync(folder).includes('expected.safetensors')) continue;
    const { model_type: type } = json(`${folder}/config.json`);
    compared.set(type, [...(compared.get(type) ?? []), { name: entry.name, ...(await compare(folder)) }]);
  }

const types = architectures.flatMap(({ name, modelTypes }) => modelTypes.map((type) => [type, name])).sort();
const rows = types.map(([type, family]) => {
  const own = compared.get(type) ?? [];
  if (own.length === 0 || !own.every(({ tokens }) => tokens)) throw new Error(`${type} was not found equal`);
  const worst = Math.max(...own.map((each) => each.worst)).toExponential(0);
  const sites = own.reduce((sum, each) => sum + each.sites, 0);
  return `| \`${type}\` | ${family} | ${own.map(({ name }) => name).join(', ')} | ${sites} | ${worst} |`;
});
const table = [
  '| model_type | family | checkpoints | sites | largest difference |',
  '| --- | --- | --- | --- | --- |',
  ...rows,
].join('\n');
console.log(`${table}\n\n${rows.length} model types`);
if (process.argv.includes('--write')) {
  const path = `${root}docs/models.md`;
  const text = readFileSync(path, 'utf8');
  const marked = /(<!-- npm run docs:models -->\n)[\s\S]*<!-- end -->/;
  writeFileSync(
    path,
    text.replace(marked, (_, begin) => `${begin}${table}\n<!-- end -->`),
  );
}
