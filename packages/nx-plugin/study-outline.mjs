import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { defaults, mostSessions, runsOf, taskPattern } from '@galvani/pipeline';
import { readFields } from './study-fields.mjs';

/** In bytes; reading a pipe or a device might never end. */
const largestStudy = 64 << 20;

/**
 * What Nx has to know of a study: its runs and the files that lie outside it.
 * @typedef {object} StudyOutline
 * @property {string[]} runs names, as in `ses-01_task-paleontology`
 * @property {SourceFile | undefined} model of a twin that which it is the twin of; undefined for a model on the Hub: its revision is in the parameters
 * @property {import('./hub-models.mjs').HubModel} [hub] of a model on the Hub which
 * @property {SourceFile[]} prompts
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
 * What Nx has to know of studies, by their study.yaml: undefined where it is not plainly there. The plan stage then says what is wrong,
 * with its line, while an error here would break the graph of the whole workspace.
 * @param {string} root the workspace
 * @param {readonly string[]} files relative to it
 * @returns {Promise<Map<string, StudyOutline | undefined>>}
 */
export async function outlineStudies(root, files) {
  const fields = await readFields(
    root,
    files.map((file) => readStudy(join(root, file))),
  );
  const outlines = new Map(files.map((file, f) => [file, outlineStudy(root, file, fields[f])]));
  const sources = [...outlines.values()].flatMap((outline) => (outline ? sourcesOf(outline) : []));
  const inside = sources.filter(({ hashed }) => hashed);
  const ignored = ignoredPaths(
    root,
    inside.map(({ path }) => path),
  );
  for (const source of sources) source.hashed &&= !ignored.has(source.path);
  return outlines;
}

/** @param {string} path */
function readStudy(path) {
  try {
    const about = statSync(path);
    return about.isFile() && about.size <= largestStudy ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** @param {StudyOutline} outline */
const sourcesOf = ({ model, prompts, confounds, texts, pairs }) =>
  [model, ...prompts, confounds, texts, pairs].filter((source) => source !== undefined);

/**
 * @param {string} root
 * @param {string} file
 * @param {any} fields of study.yaml, as a person wrote them
 * @returns {StudyOutline | undefined}
 */
function outlineStudy(root, file, fields) {
  try {
    const {
      tasks,
      sessions = defaults.sessions,
      confounds,
      texts,
      pairs,
      model = 'embedded',
      prompts = 'embedded',
    } = fields;
    const subject = model?.twin ?? model;
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
      ...(typeof subject?.hub === 'string' && { hub: { hub: subject.hub, revision: `${subject.revision ?? 'main'}` } }),
      prompts: [prompts].flat().map((each) => locate(each, defaults.prompts)),
      confounds: table(confounds),
      texts: table(texts),
      pairs: table(pairs),
    };
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root
 * @param {string} full absolute
 * @returns {SourceFile} hashed: whether it lies in the workspace
 */
function sourceFile(root, full) {
  const path = relative(root, full).split(sep).join('/');
  return { path, hashed: !path.startsWith('../') && path !== '..' && !/^[a-z]:/i.test(path) };
}

/**
 * Those of these paths that git ignores; Nx then does not hash them.
 * @param {string} root
 * @param {string[]} paths
 */
function ignoredPaths(root, paths) {
  const input = [...new Set(paths)].join('\0');
  if (input === '') return new Set();
  // It ends with 1 where it ignores none, and with 128 where this is no repository.
  const { stdout } = spawnSync('git', ['check-ignore', '--stdin', '-z'], { cwd: root, input, encoding: 'utf8' });
  return new Set(stdout?.split('\0'));
}
