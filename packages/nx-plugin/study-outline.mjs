import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { defaults, mostSessions, runsOf, taskPattern } from '@galvani/pipeline';
import { parseDocument } from 'yaml';

/** In bytes; reading a pipe or a device might never end. */
const largestStudy = 64 << 20;

/**
 * What Nx has to know of a study: its runs and the files that lie outside it.
 * @typedef {object} StudyOutline
 * @property {string[]} runs names, as in `ses-01_task-paleontology`
 * @property {SourceFile | undefined} model of a twin that which it is the twin of; undefined for a model on the Hub: its revision is in the parameters
 * @property {SourceFile} prompts
 * @property {SourceFile | undefined} confounds
 * @property {SourceFile | undefined} texts of lesions
 * @property {SourceFile | undefined} pairs of lesions
 *
 * A file or folder that a study reads. Nx hashes what lies in the workspace and is not ignored by git.
 * @typedef {object} SourceFile
 * @property {string} path relative to the workspace, forward slashes
 * @property {boolean} hashed whether Nx hashes it
 */

/**
 * Reads the little that Nx needs from study.yaml. Undefined where it is not plainly there: the plan stage then says what
 * is wrong, with its line, while an error here would break the graph of the whole workspace.
 * @param {string} root the workspace
 * @param {string} file study.yaml relative to it
 * @returns {StudyOutline | undefined}
 */
export function outlineStudy(root, file) {
  try {
    const about = statSync(join(root, file));
    if (!about.isFile() || about.size > largestStudy) return undefined;
    const document = parseDocument(readFileSync(join(root, file), 'utf8'));
    if (document.errors.length > 0) return undefined;
    const { tasks, design, glm, lesion, model = 'embedded', prompts = 'embedded' } = document.toJS();
    const subject = model?.twin ?? model;
    const sessions = design?.sessions ?? defaults.sessions;
    const sound =
      Array.isArray(tasks) &&
      tasks.length > 0 &&
      new Set(tasks).size === tasks.length &&
      tasks.every((task) => taskPattern.test(task)) &&
      Number.isInteger(sessions) &&
      sessions >= 1 &&
      sessions <= mostSessions;
    if (!sound) return undefined;
    const folder = dirname(join(root, file));
    const locate = (/** @type {string} */ given, /** @type {string} */ own) =>
      sourceFile(root, given === 'embedded' ? join(root, own) : resolve(folder, given));
    const table = (/** @type {unknown} */ given) =>
      typeof given === 'string' ? sourceFile(root, resolve(folder, given)) : undefined;
    return {
      runs: runsOf(tasks, sessions).map((run) => run.name),
      model: typeof subject === 'string' ? locate(subject, defaults.model) : undefined,
      prompts: locate(prompts, defaults.prompts),
      confounds: table(glm?.confounds),
      texts: table(lesion?.texts),
      pairs: table(lesion?.pairs),
    };
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root
 * @param {string} full absolute
 * @returns {SourceFile}
 */
function sourceFile(root, full) {
  const path = relative(root, full).split(sep).join('/');
  const inside = !path.startsWith('../') && path !== '..' && !/^[a-z]:/i.test(path);
  return { path, hashed: inside && !ignored(root, path) };
}

/**
 * Whether git ignores a path; Nx then does not hash it.
 * @param {string} root
 * @param {string} path
 */
function ignored(root, path) {
  try {
    execFileSync('git', ['check-ignore', '-q', '--', path], { cwd: root, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
