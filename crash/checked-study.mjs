import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCommand } from './command.mjs';

/** Of two layers and two sessions, with networks that are lesioned: there is something to share out in each stage that can be divided. */
const text = `tasks: [paleontology, pathology]
design: { sessions: 2, promptsPerBlock: 2 }
extraction: { newTokens: 3, sites: { include: ['*layers.0.fc1', '*layers.1.fc1'] } }
glm: { relabellings: 100, runRelabellings: 100 }
networks: { correction: none, minimumEffect: 0 }
decode: { permutations: 100 }
lesion: { sites: [linear], doses: [1], controls: 60, unmatched: 2, prompts: 4, otherPrompts: 4 }
`;

const galvani = fileURLToPath(new URL('../apps/cli/bin/galvani.mjs', import.meta.url));

/**
 * A small study in a temporary folder, and a count of what of it was found right.
 * @param {string} name of the folder
 */
export function checkedStudy(name) {
  const folder = mkdtempSync(join(tmpdir(), `galvani-${name}-`));
  const study = join(folder, 'default/study.yaml');
  mkdirSync(join(folder, 'default'));
  writeFileSync(study, text);
  const counts = { passed: 0, failed: 0 };
  return {
    folder,
    study,
    counts,
    /** Says whether something is right; `problems` is empty where it is. */
    check(what, problems) {
      counts[problems.length === 0 ? 'passed' : 'failed']++;
      console.log(`${problems.length === 0 ? 'ok' : 'FAILED'}: ${what}`);
      for (const problem of problems.slice(0, 10)) console.log(`    ${problem}`);
    },
    /** A place of its own for the study's derivatives and its store, and what starts galvani there. */
    place(part, environment = process.env) {
      const [out, store] = [join(folder, part, 'derivatives'), join(folder, part, 'store')];
      mkdirSync(out, { recursive: true });
      const env = { ...environment, GALVANI_STORE: store };
      const start = (command, ...words) =>
        startCommand([process.execPath, galvani, ...command.split(' '), study, '--out', out, ...words], { env });
      return { out, store, env, start };
    },
    /** Prints the counts and removes the folder. Returns the exit code. */
    finish(keep) {
      if (keep) console.log(folder);
      else rmSync(folder, { recursive: true, force: true });
      console.log(`${counts.passed} passed, ${counts.failed} failed`);
      return counts.failed === 0 ? 0 : 1;
    },
  };
}
