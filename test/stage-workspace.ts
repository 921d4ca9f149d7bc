import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { workspaceOf } from '@galvani/study';
import type { StageArguments } from '@galvani/terminal';
import { home } from './packages.js';
import { writeSmallStudy } from './small-study.js';

const exported = join(home, 'packages/core/model/test/onnx-import/fixtures/opt-past/model.onnx');

/** A temporary workspace in which stages run one after the other in this process, with a store of its own. */
export interface StageWorkspace {
  write(path: string, content: string): void;
  /** A file or folder of a study's artifacts. */
  placeOf(study: string, path: string): string;
  /** Writes the study.yaml of a study and runs stages of it. */
  run(study: string, yaml: string, stages: readonly ((told: StageArguments) => Promise<void>)[]): Promise<void>;
  remove(): void;
}

/** Its models are `small`, random weights, and `exported/model.onnx`, the same exported, without weights beside it. */
export function stageWorkspace(prefix: string): StageWorkspace {
  const store = process.env.GALVANI_STORE;
  const root = mkdtempSync(join(tmpdir(), prefix));
  process.env.GALVANI_STORE = join(root, 'store');
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const placeOf = (study: string, path: string) => join(root, 'data', study, path);
  writeSmallStudy({ root, write });
  mkdirSync(join(root, 'data/models/exported'));
  copyFileSync(exported, join(root, 'data/models/exported/model.onnx'));
  copyFileSync(join(root, 'data/models/small/tokenizer.json'), join(root, 'data/models/exported/tokenizer.json'));
  return {
    write,
    placeOf,
    async run(study, text, stages) {
      write(`pipelines/${study}/study.yaml`, text);
      const yaml = join(root, `pipelines/${study}/study.yaml`);
      const told = { study: placeOf(study, ''), root: workspaceOf(yaml), yaml, signal: new AbortController().signal };
      for (const stage of stages) await stage(told);
    },
    remove() {
      if (store === undefined) delete process.env.GALVANI_STORE;
      else process.env.GALVANI_STORE = store;
      rmSync(root, { recursive: true, force: true });
    },
  };
}
