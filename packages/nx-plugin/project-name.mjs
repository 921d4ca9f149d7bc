import { basename } from 'node:path/posix';

/**
 * Name of a study's Nx project: `pipeline` for pipelines/default, else the folder's name. A name that is taken (two
 * projects of one name break the whole graph) gets `-study` appended; what Nx or a shell would read as syntax becomes `-`.
 * @param {string} folder `pipelines/<study>`
 * @param {ReadonlySet<string>} taken
 */
export function projectName(folder, taken) {
  const study = basename(folder);
  let name = study === 'default' ? 'pipeline' : study.replace(/[^\w.-]+/g, '-');
  if (study !== 'default' && name === 'pipeline') name += '-study';
  while (taken.has(name)) name += '-study';
  return name;
}

/**
 * Another name for a study's project, where that is not its folder's: `default` for pipelines/default. Undefined where the name is taken,
 * or the folder's name is none for a project.
 * @param {string} folder `pipelines/<study>`
 * @param {ReadonlySet<string>} taken the study's own project among them
 */
export function otherProjectName(folder, taken) {
  const study = basename(folder);
  return /^[\w.-]+$/.test(study) && !taken.has(study) ? study : undefined;
}
