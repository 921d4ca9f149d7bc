/**
 * Bundles what is built: the command, and each stage as the process that Nx starts, into `apps/cli/bundle`. Node opens a thousand small
 * modules in most of a second, and these in a quarter of one, which is what every command and every task of a pipeline begins with.
 *
 * A bundle says by itself what its code is (`@galvani/code`), since what lies beside it may be built anew. A file whose content is
 * the same is left as it is, and names tell contents apart, so that a command that has begun finds the parts that it loads later.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stageEntry, stageTable } from '@galvani/pipeline';
import { rolldown } from 'rolldown';

const home = fileURLToPath(new URL('../', import.meta.url));
const target = join(home, 'apps/cli/bundle');
/** The built entry of a package. */
const built = (/** @type {string} */ path) => join(home, path);
const stageFolder = (/** @type {string} */ name) => `packages/stages/${name.replace('@galvani/', '')}`;

/** Native code and `open` find their own files, and the writer of Parquet is loaded by whoever writes. */
const external = [/^open$/, /^onnxruntime-node/, /^@node-rs\//, /^parquetjs/];

const { codeDigest, packageDigest, recordingPackages } = await import(built('packages/core/code/dist/index.js'));
const { galvaniVersion } = await import(built('packages/core/artifact/dist/version.js'));

/** Modules that ask what lies beside them, and what they come to; by path in the workspace. */
const constant = new Map([
  ['packages/core/code/dist/code-digest.js', await digests()],
  ['packages/core/artifact/dist/version.js', `export const galvaniVersion = ${JSON.stringify(galvaniVersion)};`],
]);

async function digests() {
  const names = [...new Set(stageTable.map((row) => row.package))];
  const byName = await Promise.all(names.map(async (name) => [name, await packageDigest(name)]));
  return `const packages = new Map(${JSON.stringify(byName)});
export const recordingPackages = ${JSON.stringify(recordingPackages)};
export const codeDigest = async () => ${JSON.stringify(await codeDigest())};
export const packageDigest = async (name) => packages.get(name);`;
}

const stages = stageTable.map((row) => [
  `stage-${row.name}`,
  built(`${stageFolder(row.package)}/dist/${stageEntry(row).process}`),
]);
const bundle = await rolldown({
  input: { galvani: built('apps/cli/dist/galvani.js'), ...Object.fromEntries(stages) },
  platform: 'node',
  external,
  plugins: [
    {
      name: 'own modules',
      load(id) {
        return constant.get(relative(home, id).split(sep).join('/'));
      },
      // What was beside a module is beside its package's entry, wherever that package is installed.
      transform: {
        filter: { id: { include: /[/]dist[/]/, exclude: /node_modules|\0/ }, code: /import\.meta\.url/ },
        handler(code, id) {
          const [folder, place] = id.split('/dist/');
          const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
          const url = `new URL(${JSON.stringify(`./${place}`)}, import.meta.resolve(${JSON.stringify(name)})).href`;
          return code.replaceAll('import.meta.url', url);
        },
      },
    },
  ],
});
const { output } = await bundle.generate({
  format: 'esm',
  comments: { legal: true, annotation: false, jsdoc: false },
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
});

const files = new Set(output.map(({ fileName }) => fileName));
for (const file of output) {
  const path = join(target, file.fileName);
  const content = file.type === 'chunk' ? file.code : file.source;
  if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}
for (const path of readdirSync(target, { recursive: true, encoding: 'utf8' }))
  if (path.endsWith('.js') && !files.has(path.split(sep).join('/'))) rmSync(join(target, path));
