/**
 * Nx plugin: every `pipelines/<study>/study.yaml` becomes a project with a cached target for each stage, and a project for
 * each run. It depends on nothing that has to be built, so that the project graph is there in a fresh clone.
 */
import { dirname } from 'node:path/posix';
import { preTasksExecution as noteExitCodes } from './exit-code.mjs';
import { leftOutStudies } from './hub-models.mjs';
import { measuredByHand } from './measured-by-hand.mjs';
import { otherProjectName, projectName } from './project-name.mjs';
import { stagePackages } from './stage-packages.mjs';
import { outlineStudies } from './study-outline.mjs';
import { leftOutProject, otherProject, studyProjects } from './study-projects.mjs';

const glob = 'pipelines/*/study.yaml';

/**
 * Sentences on studies that this command leaves out, by project.
 * @type {Map<string, string>}
 */
let leftOut = new Map();

/** @type {import('nx/src/devkit-exports.js').CreateNodesV2} */
export const createNodesV2 = [
  glob,
  async (files, _options, { workspaceRoot }) => {
    const packages = stagePackages(workspaceRoot);
    const taken = new Set(packages.workspaceNames);
    const outlines = await outlineStudies(workspaceRoot, files);
    const studies = [...files].sort().map((file) => {
      const folder = dirname(file);
      const name = projectName(folder, taken);
      taken.add(name);
      return { file, name, folder, outline: outlines.get(file), packages };
    });
    leftOut = await leftOutStudies(new Map(studies.map(({ name, outline }) => [name, outline])), process.argv);
    return studies.map(({ file, ...study }) => {
      if (leftOut.has(study.name)) return [file, { projects: leftOutProject(study) }];
      const other = otherProjectName(study.folder, taken);
      const projects = studyProjects(study);
      return [
        file,
        { projects: { ...projects, ...(other !== undefined && otherProject(other, projects[study.folder])) } },
      ];
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
  // Before tasks run, since Nx shows what tasks print only where they fail.
  for (const sentence of leftOut.values()) process.stderr.write(`galvani: ${sentence}\n`);
  return { ...noteExitCodes(options, context), ...measuredByHand(context.workspaceRoot) };
}

export { postTasksExecution } from './exit-code.mjs';
export const name = '@galvani/nx';
