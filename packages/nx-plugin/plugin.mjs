/**
 * Nx plugin: every `pipelines/<study>/study.yaml` becomes a project with a cached target for each stage, and a project for
 * each run. It depends on nothing that has to be built, so that the project graph is there in a fresh clone.
 */
import { dirname } from 'node:path/posix';
import { projectName } from './project-name.mjs';
import { stagePackages } from './stage-packages.mjs';
import { outlineStudy } from './study-outline.mjs';
import { studyProjects } from './study-projects.mjs';

const glob = 'pipelines/*/study.yaml';

/** @type {import('nx/src/devkit-exports.js').CreateNodesV2} */
export const createNodesV2 = [
  glob,
  (files, _options, { workspaceRoot }) => {
    const packages = stagePackages(workspaceRoot);
    const taken = new Set(packages.workspaceNames);
    return [...files].sort().map((file) => {
      const folder = dirname(file);
      const name = projectName(folder, taken);
      taken.add(name);
      return [
        file,
        { projects: studyProjects({ name, folder, outline: outlineStudy(workspaceRoot, file), packages }) },
      ];
    });
  },
];

export const createNodes = createNodesV2;
export { postTasksExecution, preTasksExecution } from './exit-code.mjs';
export const name = '@galvani/nx-plugin';
