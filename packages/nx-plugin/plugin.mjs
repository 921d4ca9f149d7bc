/**
 * Nx plugin: every `pipelines/<study>/study.yaml` becomes a project with a cached target for each stage, and a project for
 * each run. It depends on nothing that has to be built, so that the project graph is there in a fresh clone.
 */
import { dirname } from 'node:path/posix';
import { preTasksExecution as noteExitCodes } from './exit-code.mjs';
import { measuredByHand } from './measured-by-hand.mjs';
import { projectName } from './project-name.mjs';
import { stagePackages } from './stage-packages.mjs';
import { outlineStudies } from './study-outline.mjs';
import { studyProjects } from './study-projects.mjs';

const glob = 'pipelines/*/study.yaml';

/** @type {import('nx/src/devkit-exports.js').CreateNodesV2} */
export const createNodesV2 = [
  glob,
  async (files, _options, { workspaceRoot }) => {
    const packages = stagePackages(workspaceRoot);
    const taken = new Set(packages.workspaceNames);
    const outlines = await outlineStudies(workspaceRoot, files);
    return [...files].sort().map((file) => {
      const folder = dirname(file);
      const name = projectName(folder, taken);
      taken.add(name);
      return [file, { projects: studyProjects({ name, folder, outline: outlines.get(file), packages }) }];
    });
  },
];

export const createNodes = createNodesV2;

/**
 * Called by Nx before tasks run; what it returns is in their environment, and Nx hashes it.
 * @param {unknown} options
 * @param {{ workspaceRoot: string }} context
 */
export function preTasksExecution(options, context) {
  return { ...noteExitCodes(options, context), ...measuredByHand(context.workspaceRoot) };
}

export { postTasksExecution } from './exit-code.mjs';
export const name = '@galvani/nx';
