import { join } from 'node:path/posix';
import { type ByteSource, damagedOutputs, type Manifest, manifestName, openFile } from '@galvani/artifact';
import type { StudyFiles } from '@galvani/results';
import { advised, Failure } from '@galvani/terminal';

import { liesInside } from './inside.js';

/** Files beyond this many bytes are not read to be verified: their size has to be right, and their readers check what they read. */
const mostVerified = 64e6;

/**
 * A study's files, each held against its manifest when it is opened, so that a study opens at once and damage is told where it matters.
 *
 * @param manifests by folder
 * @param memory where it is remembered which files were verified
 */
export function verifiedFiles(
  root: string,
  manifests: ReadonlyMap<string, Manifest>,
  memory: string | undefined,
): StudyFiles {
  return {
    async open(name: string): Promise<ByteSource> {
      const folder = [...manifests.keys()].find((each) => name.startsWith(`${each}/`));
      const file = folder === undefined ? '' : name.slice(folder.length + 1);
      const listed = folder === undefined ? undefined : manifests.get(folder)!.outputs[file];
      if (folder === undefined || !listed) throw new Failure(`${name} is listed in no ${manifestName} of the study.`);
      const path = join(root, name);
      // Recordings are hard links into the store, which lead nowhere.
      if (!(await liesInside(path, root)))
        throw new Failure(`${name} is missing, or is a link that leads out of the study.`);
      if (listed.bytes <= mostVerified) {
        const [damage] = await damagedOutputs(join(root, folder), { outputs: { [file]: listed } }, { memory });
        if (damage) throw new Failure(`${name} ${damage.problem}. ${advised('verify')} lists all that is damaged.`);
        return openFile(path);
      }
      const source = await openFile(path);
      if (source.size === listed.bytes) return source;
      await source.close();
      throw new Failure(
        `${name} has ${source.size} bytes instead of ${listed.bytes}. ${advised('verify')} lists all that is damaged.`,
      );
    },
  };
}
