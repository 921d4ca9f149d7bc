import { basename } from 'node:path/posix';

/**
 * @typedef {import('nx/src/devkit-exports.js').ProjectConfiguration} Project
 * @typedef {import('nx/src/devkit-exports.js').TargetConfiguration} Target
 * @typedef {NonNullable<Target['inputs']>} Inputs
 * @typedef {import('./stage-packages.mjs').StagePackages} StagePackages
 * @typedef {import('./study-outline.mjs').StudyOutline} StudyOutline
 * @typedef {import('./study-outline.mjs').SourceFile} SourceFile
 *
 * @typedef {object} StudyInWorkspace
 * @property {string} name of its Nx project
 * @property {string} folder `pipelines/<study>`
 * @property {StudyOutline | undefined} outline undefined where study.yaml is wrong
 * @property {StagePackages} packages
 */

/**
 * Native code and arithmetic belong to a platform. Nx hashes a project's tags into its tasks, so this is said once; as a
 * `runtime` input it would start a process for every task.
 */
const tags = [`${process.platform}-${process.arch}`, `node-${process.versions.node.split('.')[0]}`];

/**
 * The Nx projects of a study: its own with a target for each stage, and one for each run. Nx hashes all of a project's
 * targets into each of its tasks; with a project of its own, a run is not extracted again when another is added.
 * @param {StudyInWorkspace} study
 * @returns {Record<string, Project>} by the folder that Nx shall take for the project's root
 */
export function studyProjects({ name, folder, outline, packages }) {
  const derivatives = `data/derivatives/${basename(folder)}`;
  const from = (/** @type {string} */ path) => upstream(`${derivatives}/${path}`);

  /**
   * A stage as a cached task: its inputs are what it reads and the code that it runs.
   * @param {{ script: string[], package: string, reads: Inputs, needs: Target['dependsOn'], writes: string }} stage
   * @returns {Target}
   */
  const task = ({ script, package: packageName, reads, needs = [], writes }) => {
    const code = packages.of(packageName);
    return {
      executor: 'nx:run-commands',
      options: {
        command: ['node', `${code.folder}/dist/main.js`, ...script].map(shellWord).join(' '),
        cwd: '{workspaceRoot}',
      },
      cache: true,
      dependsOn: [...needs, { projects: [packageName], target: 'build' }],
      inputs: [
        ...reads,
        ...code.folders.map((each) => upstream(`${each}/dist/**/*.js`)),
        { externalDependencies: code.external },
      ],
      outputs: [`{workspaceRoot}/${derivatives}/${writes}`],
    };
  };

  const plan = task({
    script: [`${folder}/study.yaml`, derivatives],
    package: '@galvani/study',
    reads: [
      `{workspaceRoot}/${folder}/study.yaml`,
      ...[outline?.prompts, outline?.model, outline?.confounds].flatMap(sourceInputs),
    ],
    needs: [],
    writes: 'plan',
  });
  if (!outline) return { [folder]: project(name, folder, { plan, all: noop(['plan']) }) };

  const runs = outline.runs.map((run) => ({ run, name: `${name}/${run}`, root: `${folder}/${run}` }));
  const extracted = { projects: runs.map((run) => run.name), target: 'extract' };
  const stage = (/** @type {string} */ stage, /** @type {Inputs} */ reads, /** @type {Target['dependsOn']} */ needs) =>
    task({ script: ['--study', derivatives], package: `@galvani/${stage}`, reads, needs, writes: stage });
  const activations = [from('design/manifest.json'), from('extract/*/manifest.json')];

  const study = project(name, folder, {
    plan,
    design: stage('design', [from('plan/design.json'), ...sourceInputs(outline.prompts)], ['plan']),
    // Not cached: Nx keeps the manifests of runs alone, since their recordings lie in the store already. Those that are not
    // beside their manifest are linked from the store; what is nowhere is recorded again.
    extract: {
      ...task({
        script: ['--study', derivatives],
        package: '@galvani/extract',
        reads: [],
        needs: ['plan', 'design', extracted],
        writes: 'extract',
      }),
      cache: false,
      inputs: [],
      outputs: [],
      parallelism: false,
    },
    glm: stage(
      'glm',
      [from('plan/glm.json'), from('plan/runs.json'), ...activations, ...sourceInputs(outline.confounds)],
      ['plan', 'design', 'extract'],
    ),
    networks: stage(
      'networks',
      [from('plan/networks.json'), from('plan/runs.json'), from('glm/manifest.json')],
      ['plan', 'glm'],
    ),
    // It selects units anew with each session left out, so it reads activations, not networks.
    decode: stage(
      'decode',
      [...['decode', 'networks', 'glm', 'runs'].map((slice) => from(`plan/${slice}.json`)), ...activations],
      ['plan', 'design', 'extract'],
    ),
    report: stage(
      'report',
      [
        from('plan/*.json'),
        ...activations,
        ...['glm', 'networks', 'decode'].map((each) => from(`${each}/manifest.json`)),
        // Measured by hand, by `galvani calibrate`, and shown where it is there.
        ...sourceInputs({ path: `${derivatives}/calibrate`, hashed: false }),
      ],
      ['plan', 'design', 'extract', 'glm', 'networks', 'decode'],
    ),
    all: noop(['report']),
  });

  const runProjects = runs.map(({ run, name: runProject, root }) => [
    root,
    project(runProject, root, {
      extract: {
        ...task({
          script: ['--study', derivatives, '--run', run],
          package: '@galvani/extract',
          reads: [from('plan/extract.json'), from(`design/${run}.parquet`), ...sourceInputs(outline.model)],
          needs: [
            { projects: [name], target: 'plan' },
            { projects: [name], target: 'design' },
          ],
          writes: `extract/${run}/manifest.json`,
        }),
        // onnxruntime takes every core.
        parallelism: false,
      },
    }),
  ]);
  return { [folder]: study, ...Object.fromEntries(runProjects) };
}

/**
 * Files that earlier tasks wrote, by content.
 * @param {string} glob relative to the workspace
 */
function upstream(glob) {
  return { dependentTasksOutputFiles: glob, transitive: true };
}

/**
 * A file or folder by content; by names, sizes and times where Nx does not hash it.
 * @param {SourceFile | undefined} source
 * @returns {Inputs}
 */
function sourceInputs(source) {
  if (!source) return [];
  if (!source.hashed) return [{ runtime: `node packages/nx-plugin/fingerprint.mjs ${shellWord(source.path)}` }];
  if (/\.onnx$/i.test(source.path)) return modelFolders(source.path).map((folder) => `{workspaceRoot}/${folder}*`);
  return [`{workspaceRoot}/${source.path}`, `{workspaceRoot}/${source.path}/**/*`];
}

/**
 * Where the files that belong to an .onnx file lie (its weights, tokenizer and config.json), as @galvani/model looks for them:
 * beside it and, if that folder is called `onnx`, in the one above. Each ends in a slash, or is empty.
 * @param {string} path
 */
function modelFolders(path) {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return /(^|\/)onnx\/$/.test(folder) ? [folder, folder.slice(0, -'onnx/'.length)] : [folder];
}

/**
 * @param {string} name
 * @param {string} root
 * @param {Record<string, Target>} targets
 * @returns {Project}
 */
function project(name, root, targets) {
  return { name, root, tags, targets };
}

/**
 * @param {Target['dependsOn']} dependsOn
 * @returns {Target}
 */
function noop(dependsOn) {
  return { executor: 'nx:noop', dependsOn };
}

/** @param {string} text */
function shellWord(text) {
  return /^[\w./:@+-]+$/.test(text) ? text : `"${text.replace(/["$`\\]/g, '\\$&')}"`;
}
