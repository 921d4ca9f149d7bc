import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { home } from './packages.js';
import type { TemporaryWorkspace } from './temporary-workspace.js';

/** A study of 2 tasks x 2 sessions, 2 prompts a block and 4 tokens a prompt, of which each test changes a line. */
export const smallStudy = `model: ../../data/models/small
prompts: ../../data/prompts/small.csv
tasks: [weather, cooking]
design: { sessions: 2, promptsPerBlock: 2 }
extraction: { newTokens: 4, sites: { include: ['*.fc2'] } }
glm: { relabellings: 100, runRelabellings: 100 }
networks: { correction: none, minimumEffect: 0 }
decode: { permutations: 100 }
geometry: { relabellings: 99, components: 2 }
lesion: { controls: 19, unmatched: 2, prompts: 4, otherPrompts: 4 }
steer: { strengths: [0, 2], directions: 19, prompts: 4, tokens: 4 }
`;

export const smallRuns = ['ses-01_task-weather', 'ses-01_task-cooking', 'ses-02_task-weather', 'ses-02_task-cooking'];

/** Puts the study, its prompt bank and its model (random weights, a token a character) into a workspace. */
export function writeSmallStudy(workspace: Pick<TemporaryWorkspace, 'root' | 'write'>): void {
  workspace.write('pipelines/default/study.yaml', smallStudy);
  workspace.write('data/prompts/small.csv', promptBank());
  const checkpoint = join(home, 'packages/core/model/test/fixtures/reference/opt-galactica');
  const model = join(workspace.root, 'data/models/small');
  mkdirSync(model, { recursive: true });
  for (const file of ['config.json', 'model.safetensors']) cpSync(join(checkpoint, file), join(model, file));
  workspace.write('data/models/small/tokenizer.json', JSON.stringify(characterTokenizer()));
}

function promptBank(): string {
  const prompts = ['weather', 'cooking', 'travel', 'music', 'sports'].flatMap((topic) =>
    Array.from({ length: 12 }, (_, i) => `${topic}-${i + 1},${topic},statement,Number ${i + 1} about ${topic} is`),
  );
  return `id,topic,form,text\n${prompts.join('\n')}\n`;
}

/** A tokenizer.json of 97 tokens, as many as the checkpoint has: 4 special ones, the space and printable ASCII. */
function characterTokenizer() {
  const special = ['<s>', '<pad>', '</s>', '<unk>'];
  const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).filter((c) => !'`~'.includes(c));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    added_tokens: special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      vocab: Object.fromEntries([...special, '\u0120', ...printable].map((token, id) => [token, id])),
      merges: [],
    },
  };
}
