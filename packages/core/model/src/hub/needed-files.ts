import { UserMistake } from '@galvani/terminal';
import { tokenizerFiles } from '../tokenizer/tokenizer.js';

/** A file of a repository, as the Hub lists it. */
export interface HubFile {
  path: string;
  size: number;
  /** What its bytes must hash to. */
  checksum: { algorithm: 'sha256' | 'git-sha1'; hex: string };
}

const companions = ['config.json', 'generation_config.json'];

/** What runs need of a repository: first `now`; if the weights are in shards, their names stand in `index` (one of `now`). */
export function neededFiles(files: readonly HubFile[], repo: string): { now: HubFile[]; index?: HubFile } {
  const find = (path: string) => files.find((file) => file.path === path);
  if (!find('config.json'))
    throw new UserMistake(`${repo} has no config.json, so it is not a model in the layout of transformers.`);
  const whole = find('tokenizer.json') !== undefined;
  const names = tokenizerFiles.filter((name) => !(whole && ['vocab.json', 'merges.txt'].includes(name)));
  const now = [...companions, ...names].map(find).filter((file) => file !== undefined);
  for (const name of ['model.safetensors', 'pytorch_model.bin']) {
    const whole = find(name);
    if (whole) return { now: [...now, whole] };
    const index = find(`${name}.index.json`);
    if (index) return { now: [...now, index], index };
  }
  const held = files.filter(({ path }) => /\.(safetensors|bin|h5|msgpack|gguf|onnx|pt|pth)$/.test(path));
  throw new UserMistake(
    `${repo} has no weights that are read: model.safetensors or pytorch_model.bin was expected, whole or in shards, and it holds ${
      held.length === 0
        ? 'none'
        : held
            .slice(0, 5)
            .map(({ path }) => path)
            .join(', ')
    }.`,
  );
}
