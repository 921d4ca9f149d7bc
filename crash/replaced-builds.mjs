// Takes the built code of a command away at a random moment and puts it back after it has ended. Whatever it had begun it ends;
// where it was not loaded yet it says so, and does as well the next time.
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startCommand } from './command.mjs';
import { differences, failure, sums } from './comparison.mjs';
import { studyWorkspace } from './study-workspace.mjs';

/** What a command says that did not find all of its code. */
const notLoaded =
  /galvani is not built yet|a part of galvani could not be loaded|galvani was built anew|dist\/\S+\.js: it does not exist/;

/** `about` as crash.mjs makes it: the study, the milliseconds of an undisturbed run, `moment` and `check`. */
export async function replacedBuilds(rounds, { study, duration, moment, check }) {
  const root = studyWorkspace(study);
  const folders = ['packages', 'packages/core', 'packages/stages', 'apps']
    .flatMap((family) => readdirSync(join(root, family)).map((name) => join(root, family, name)))
    .flatMap((folder) => [join(folder, 'dist'), join(folder, 'bundle')])
    .filter(existsSync);
  const run = (round) => {
    const env = { ...process.env, GALVANI_STORE: join(root, `store-${round}`) };
    const words = ['apps/cli/bin/galvani.mjs', 'run', 'pipelines/default', '--out', `out-${round}`];
    return startCommand([process.execPath, ...words], { cwd: root, env });
  };
  try {
    const first = await run(0).ended;
    const reference = sums(join(root, 'out-0'));
    check('in a copy of the workspace, undisturbed', failure(first));
    for (let round = 1; round <= rounds; round++) {
      const command = run(round);
      // Most of the time nothing is loaded any more.
      const after = moment() ** 2 * duration;
      const timer = setTimeout(() => folders.forEach((each) => void renameSync(each, `${each}-away`)), after);
      const { code, output } = await command.ended;
      clearTimeout(timer);
      for (const each of folders) if (existsSync(`${each}-away`)) renameSync(`${each}-away`, each);
      const inTime = code === 0;
      const last = inTime ? { code, output } : await run(round).ended;
      const said = inTime || (code === 1 && notLoaded.test(output)) ? [] : failure({ code, output });
      check(`code taken away after ${(after / 1000).toFixed(2)} s${inTime ? '' : ' (before it was loaded)'}`, [
        ...said,
        ...failure(last),
        ...differences(reference, join(root, `out-${round}`)),
      ]);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
