import { basename } from 'node:path/posix';
import { stageRow, stageTable } from '@galvani/pipeline';
import { measuredVariable } from './measured-by-hand.mjs';

/**
 * @typedef {import('nx/src/devkit-exports.js').ProjectConfiguration} Project
 * @typedef {import('nx/src/devkit-exports.js').TargetConfiguration} Target
 * @typedef {NonNullable<Target['inputs']>} Inputs
 * @typedef {import('@galvani/pipeline').StageRow} StageRow
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
  const runs = (outline?.runs ?? []).map((run) => ({ run, name: `${name}/${run}`, root: `${folder}/${run}` }));

  /**
   * The stage as a process, as `npm run build` bundles it.
   * @param {StageRow} row
   */
  const programOf = (row) => `${packages.command}/bundle/stage-${row.name}.js`;

  /**
   * One of this plugin's executors (executors.json) and what it is told.
   * @param {'runs' | 'stored'} executor
   * @param {StageRow} row
   * @param {string[]} names of runs
   */
  const forRuns = (executor, row, names) => ({
    executor: `@galvani/nx:${executor}`,
    options: { process: programOf(row), study: derivatives, project: name, stage: row.name, runs: names },
  });

  /**
   * A stage as a cached task: its inputs are what it reads and the code that it runs.
   * @param {StageRow} row
   * @param {string} [run] for the part of a stage that works on one run
   * @returns {Target}
   */
  const task = (row, run) => {
    const code = packages.of(row.package);
    const yaml = row.name === 'plan' ? ['--yaml', `${folder}/study.yaml`] : [];
    const before = row.reads.map(stageRow);
    const needed = [
      ...(row.name === 'plan' ? [] : ['plan']),
      ...before.filter(({ byHand }) => !byHand).map(({ name }) => name),
    ];
    const command = ['node', programOf(row), '--study', derivatives, '--project', name, ...yaml]
      .map(shellWord)
      .join(' ');
    return {
      ...(run === undefined
        ? { executor: 'nx:run-commands', options: { command, cwd: '{workspaceRoot}' } }
        : forRuns('runs', row, [run])),
      cache: true,
      dependsOn: [
        ...(run === undefined ? needed : needed.map((target) => ({ projects: [name], target }))),
        ...(packages.builder === undefined ? [] : [{ projects: [packages.builder], target: 'build' }]),
      ],
      inputs: [
        ...(row.name === 'plan' ? [`{workspaceRoot}/${folder}/study.yaml`] : []),
        ...upstream(`${derivatives}/`, [
          ...new Set(row.parameters.map((each) => `plan/${each.split('.')[0]}.json`)),
          ...before.filter(({ byHand }) => !byHand).map((each) => fileRead(each, run)),
        ]),
        // What nobody has to run is no task's output, and is shown where it is there.
        ...(before.some(({ byHand }) => byHand) ? [{ env: measuredVariable(basename(folder)) }] : []),
        ...row.sources.flatMap((source) => [outline?.[source] ?? []].flat().flatMap(sourceInputs)),
        // Of package.json the version, which a manifest carries. One glob: for each Nx goes through all files of the workspace.
        ...(code.folders.length > 0 ? [`{workspaceRoot}/{${code.folders.join()}}/{package.json,src/**/*}`] : []),
        { externalDependencies: code.external },
      ],
      outputs: [`{workspaceRoot}/${derivatives}/${written(row, run)}`],
      // Such a stage takes every core. Of runs one process does all, and Nx begins nothing beside it.
      ...(row.allCores && run === undefined && { parallelism: false }),
    };
  };

  /**
   * What a stage reads of one before it. A task per run reads the file of its run alone.
   * @param {StageRow} before
   * @param {string} [run]
   */
  const fileRead = (before, run) =>
    run === undefined
      ? `${before.name}/${before.per === 'run' ? '*/' : ''}manifest.json`
      : `${before.name}/${run}.parquet`;

  /**
   * A stage that works run by run, over all runs: its tasks per run do the work. Where files lie in the store, Nx keeps the
   * manifests of runs alone; where a file is not beside its manifest it is linked from the store, and what is nowhere is made again
   * (stored-executor.mjs).
   * @param {StageRow} row
   * @returns {Target}
   */
  const overRuns = (row) => {
    const parts = { projects: runs.map((run) => run.name), target: row.name };
    if (!row.stored) return noop([parts]);
    const { dependsOn = [] } = task(row);
    return {
      ...forRuns(
        'stored',
        row,
        runs.map(({ run }) => run),
      ),
      cache: true,
      inputs: [],
      outputs: [],
      dependsOn: [...dependsOn, parts],
      ...(row.allCores && { parallelism: false }),
    };
  };

  /** @type {readonly StageRow[]} */
  const rows = outline ? stageTable : stageTable.filter((row) => row.name === 'plan');
  const read = new Set(['plan', ...rows.flatMap((row) => row.reads)]);
  const last = outline ? rows.filter((row) => !row.byHand && !read.has(row.name)) : rows;
  const study = project(name, folder, {
    ...Object.fromEntries(rows.map((row) => [row.name, row.per === 'run' ? overRuns(row) : task(row)])),
    // Nx starts the first of those that can start. What takes every core comes first, so that a stage on one core has another beside it.
    all: noop([...rows.filter((row) => row.per === 'run' && row.allCores), ...last].map((row) => row.name)),
  });
  const perRun = rows.filter((row) => row.per === 'run');
  const runProjects = runs.map(({ run, name: runProject, root }) => [
    root,
    project(runProject, root, Object.fromEntries(perRun.map((row) => [row.name, task(row, run)]))),
  ]);
  return { [folder]: study, ...Object.fromEntries(runProjects) };
}

/**
 * A project of another name, whose targets are those of a study: nothing runs twice, and Nx keeps nothing twice.
 * @param {string} name
 * @param {Project} study
 * @returns {Record<string, Project>}
 */
export function otherProject(name, study) {
  const targets = Object.keys(study.targets ?? {}).map((target) => [
    target,
    // It has no files, of which Nx would otherwise ask for a hash.
    { ...noop([{ projects: [/** @type {string} */ (study.name)], target }]), inputs: [] },
  ]);
  // No two projects have one root; a run is not called like this.
  const root = `${study.root}/other-name`;
  return { [root]: project(name, root, Object.fromEntries(targets)) };
}

/**
 * A study whose targets do nothing.
 * @param {Pick<StudyInWorkspace, 'name' | 'folder'>} study
 * @returns {Record<string, Project>}
 */
export function leftOutProject({ name, folder }) {
  const targets = [...stageTable.map((row) => row.name), 'all'].map((target) => [
    target,
    { executor: '@galvani/nx:left-out', options: {} },
  ]);
  return { [folder]: project(name, folder, Object.fromEntries(targets)) };
}

/**
 * What Nx keeps of a stage.
 * @param {StageRow} row
 * @param {string} [run]
 */
function written({ name, stored }, run) {
  if (run === undefined) return name;
  return stored ? `${name}/${run}/manifest.json` : `${name}/${run}`;
}

/**
 * Files that earlier tasks wrote, by content, as one glob: for every glob Nx goes through the outputs of all tasks upstream.
 * @param {string} folder relative to the workspace
 * @param {readonly string[]} globs below it
 * @returns {Inputs}
 */
function upstream(folder, globs) {
  if (globs.length === 0) return [];
  const any = globs.length === 1 ? globs[0] : `{${globs.join(',')}}`;
  return [{ dependentTasksOutputFiles: `${folder}${any}`, transitive: true }];
}

/**
 * A file or folder by content; by names, sizes and times where Nx does not hash it.
 * @param {SourceFile} source
 * @returns {Inputs}
 */
function sourceInputs(source) {
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
