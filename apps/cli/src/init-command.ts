import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { galvaniVersion } from '@galvani/artifact';
import { advised, answer, makeFolder, note, shellWord, UserMistake } from '@galvani/terminal';
import { Command } from 'commander';
import { nxWorkspaceFiles, studyText } from './new-study.js';

const about = `
Writes FOLDER/study.yaml, a study of three tasks on the model and the prompts that come with galvani, to be changed into one's own.
With --nx FOLDER is a workspace of Nx, whose studies are in FOLDER/pipelines and whose tasks are cached.`;

/** Begins a study in an empty folder. */
export function initCommand(): Command {
  return new Command('init')
    .description('begin a study: write a study.yaml that runs as it is')
    .argument('[folder]', 'the folder of the study, made where it is not there', '.')
    .option('--nx', 'a workspace of Nx with the study in it, for cached reruns')
    .addHelpText('after', about)
    .action(async (folder: string, { nx }: { nx?: true }) => {
      const own = resolve(folder);
      const name = basename(own);
      if (nx && !/^[\w.-]+$/.test(name))
        throw new UserMistake(
          `'${name}' cannot be the name of a study under Nx: name a folder with letters, digits, '_', '.' and '-' alone, such as my-study.`,
        );
      const place = nx ? join(own, 'pipelines', name) : own;
      const files = new Map([[join(place, 'study.yaml'), studyText(schemaFrom(place))]]);
      if (nx) for (const [path, text] of nxWorkspaceFiles(name, galvaniVersion)) files.set(join(own, path), text);
      else files.set(join(own, '.gitignore'), 'derivatives/\n');
      const taken = [...files.keys()].filter((path) => existsSync(path)).map(shown);
      if (taken.length > 0)
        throw new UserMistake(
          `${taken.join(', ')} ${taken.length === 1 ? 'is' : 'are'} there already, and nothing was written: name another folder, or take ${taken.length === 1 ? 'it' : 'them'} away.`,
        );
      await makeFolder(place);
      for (const [path, text] of files) await writeFile(path, text);
      const word = shellWord(shown(own));
      const inside = word === '.' ? '' : `cd ${word} && `;
      const next = nx ? `${inside}npm install && npx nx run ${name}:all` : `${advised(`run ${word}`)}`;
      answer(`${shown(join(place, 'study.yaml'))}: three tasks on frog, the model that comes with galvani`, {
        ...{ study: join(place, 'study.yaml'), files: [...files.keys()], next },
      });
      note(`Next: ${next}`);
    });
}

/** As a person names it from where they stand. */
const shown = (path: string) => relative(process.cwd(), path) || '.';

/** The schema that editors are told of, from the folder of a study.yaml, where galvani is installed beside it or above; else none. */
function schemaFrom(place: string): string | undefined {
  for (let folder = place; ; folder = join(folder, '..')) {
    const schema = join(folder, 'node_modules/@galvani/study/study.schema.json');
    if (existsSync(schema)) return relative(place, schema).replaceAll('\\', '/');
    if (folder === join(folder, '..')) return undefined;
  }
}
