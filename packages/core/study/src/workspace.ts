import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { embeddedFile, embeddedName } from '@galvani/frog';

const isWorkspace = (folder: string) => existsSync(join(folder, 'nx.json'));

/** The nearest folder above `path` that holds nx.json, or else the study's own folder: stages' parameters name files relative to it. */
export function workspaceOf(studyPath: string): string {
  const own = dirname(resolve(studyPath));
  for (let folder = own; ; folder = dirname(folder)) {
    if (isWorkspace(folder)) return folder;
    if (folder === dirname(folder)) return own;
  }
}

/** Where a study's derivatives lie unless somebody says so: `data/derivatives/<study>` in a workspace of Nx, else `derivatives` beside study.yaml. */
export function derivativesOf(studyPath: string): string {
  const own = dirname(resolve(studyPath));
  const root = workspaceOf(studyPath);
  return isWorkspace(root) ? join(root, 'data/derivatives', basename(own)) : join(own, 'derivatives');
}

/**
 * Where recordings, twins, and what was verified are kept: `data/cache` in a workspace of Nx, whose CI saves it, else one folder for
 * all studies of a person (XDG_CACHE_HOME, or what the system has for it).
 * @param root the workspace, or a study's own folder
 */
export function cacheFolder(root: string): string {
  return isWorkspace(root) ? join(root, 'data/cache') : join(userCaches(), 'galvani');
}

/** @see https://specifications.freedesktop.org/basedir-spec/latest/: a relative path is to be ignored */
function userCaches(): string {
  const { XDG_CACHE_HOME: chosen, LOCALAPPDATA: local } = process.env;
  if (chosen && isAbsolute(chosen)) return chosen;
  if (process.platform === 'win32' && local) return local;
  return join(homedir() || userInfo().homedir, process.platform === 'darwin' ? 'Library/Caches' : '.cache');
}

/**
 * `path` as written into artifacts, with forward slashes on every system: relative to the workspace, or an embedded file's own name
 * where galvani does not lie in it as a repository.
 */
export function portable(workspace: string, path: string): string {
  const inside = relative(workspace, path).split(sep).join('/');
  const isOutside = inside.startsWith('../') || isAbsolute(inside) || inside.startsWith('node_modules/');
  return (isOutside ? embeddedName(path) : undefined) ?? inside;
}

/** Where the file of such a name lies, absolute. */
export function located(workspace: string, name: string): string {
  return embeddedFile(name) ?? resolve(workspace, name);
}
