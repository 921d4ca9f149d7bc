/**
 * The pipeline as data. Commands, folders, manifests' inputs, claims and Nx targets are derived from this table. It is
 * JavaScript as it stands, so that Nx reads it in a fresh clone, where nothing is built.
 *
 * @typedef {object} StageRow
 * @property {string} name also the folder of its artifacts, and its command
 * @property {string} summary what its command says of itself
 * @property {string} package the package that it is in
 * @property {StageEntry} [entry] where in that package. Default: `main.js` and `stage`
 * @property {'study' | 'run'} per it has one folder, `<name>`, or one for each run, `<name>/<run>`
 * @property {'layers' | 'folds' | 'masks'} [divided] of what several processes may do shares each, at a stage of one folder; its package
 * exports how as `divided`
 * @property {readonly string[]} reads the stages whose files it reads
 * @property {readonly string[]} parameters what it is told of study.yaml: the files `plan/<name>.json` that it reads. Of
 * `glm.relabellings` its results depend on that field alone
 * @property {readonly SourceKind[]} sources files outside the study that it reads
 * @property {boolean} [allCores] it leaves no core to others
 * @property {boolean} [stored] its files lie in the store; a cache need not keep more than its manifest
 * @property {boolean} [byHand] no other command runs it, and what it measured of another plan is left out
 * @property {boolean} [studyOption] its command takes the study as `--study`, not as its argument
 * @property {boolean} [partial] it works with whatever of its upstream is there
 *
 * @typedef {'model' | 'prompts' | 'confounds' | 'texts' | 'pairs'} SourceKind
 *
 * @typedef {object} StageEntry
 * @property {string} process the file of the package's `dist` that is the stage as a process
 * @property {string} export the name under which the package exports it
 */

/** Every stage, in the order in which they run. A stage reads those before it alone. */
export const stageTable = /** @satisfies {readonly StageRow[]} */ (
  /** @type {const} */ ([
    {
      name: 'plan',
      summary: 'check a study and write what each stage needs to know',
      package: '@galvani/plan',
      per: 'study',
      reads: [],
      parameters: [],
      sources: ['prompts', 'model', 'confounds', 'texts', 'pairs'],
    },
    {
      name: 'design',
      summary: 'which prompt is shown in which block of which run',
      package: '@galvani/design',
      per: 'study',
      reads: [],
      // Of the model its tokenizer alone.
      parameters: ['design', 'extract.model'],
      sources: ['prompts', 'model'],
    },
    {
      name: 'extract',
      summary: 'run the model and record every site for every generated token',
      package: '@galvani/extract',
      per: 'run',
      reads: ['design'],
      parameters: ['extract'],
      sources: ['model'],
      allCores: true,
      stored: true,
    },
    {
      // The same work on another model. Where a study has no twin, a run's folder holds a manifest that says why, and nothing else.
      name: 'twin',
      summary:
        "record the model's untrained twin, its weights permuted within each tensor, as extract records the model",
      package: '@galvani/extract',
      entry: { process: 'twin-main.js', export: 'twinStage' },
      per: 'run',
      reads: ['design'],
      parameters: ['twin'],
      sources: ['model'],
      allCores: true,
      stored: true,
    },
    {
      name: 'wording',
      summary: 'tokens and input embeddings of the prompts, for controls',
      package: '@galvani/extract',
      entry: { process: 'wording-main.js', export: 'wordingStage' },
      per: 'study',
      reads: ['design'],
      parameters: ['extract', 'runs'],
      sources: ['model'],
    },
    {
      name: 'glm',
      summary: 'fit the general linear model: to a study, or with --series to a series of your own',
      package: '@galvani/glm',
      per: 'study',
      divided: 'layers',
      reads: ['design', 'extract'],
      parameters: ['glm', 'runs'],
      sources: ['confounds'],
    },
    {
      name: 'networks',
      summary: 'the units each task engages, how networks overlap and repeat',
      package: '@galvani/networks',
      per: 'study',
      // Overlap is tested by relabelling prompts, which takes recordings.
      reads: ['design', 'extract', 'glm'],
      parameters: ['networks', 'glm.seed', 'glm.variance', 'glm.afterEnd', 'glm.transform', 'runs'],
      sources: [],
    },
    {
      // It selects units anew with each session left out, so it reads recordings and not networks.
      name: 'decode',
      summary: 'identify the task of runs and prompts that selection never saw',
      package: '@galvani/decode',
      per: 'study',
      divided: 'folds',
      reads: ['design', 'extract'],
      parameters: ['decode', 'networks', 'glm.relabellings', 'glm.variance', 'glm.afterEnd', 'glm.transform', 'runs'],
      sources: [],
    },
    {
      name: 'controls',
      summary: 'identify tasks from wording alone, from the untrained twin, and by other decoders, on harder folds',
      package: '@galvani/controls',
      per: 'study',
      reads: ['design', 'extract', 'twin', 'wording', 'decode'],
      parameters: ['controls', 'networks', 'extract.mode', 'glm.variance', 'glm.afterEnd', 'glm.transform', 'runs'],
      sources: [],
    },
    {
      name: 'yardstick',
      summary: 'each task beside topics that nobody asked about, and contrasts with topics as the sample',
      package: '@galvani/yardstick',
      per: 'study',
      reads: ['design', 'extract', 'glm'],
      parameters: ['yardstick', 'networks', 'glm', 'runs'],
      sources: [],
    },
    {
      name: 'geometry',
      summary: 'how far tasks lie apart, how they group, and which independent components follow them',
      package: '@galvani/geometry',
      per: 'study',
      reads: ['design', 'extract', 'glm'],
      parameters: ['geometry', 'networks', 'glm.afterEnd', 'glm.transform', 'runs'],
      sources: [],
    },
    {
      name: 'calibrate',
      summary:
        'measure error rates and power of every noise model and correction, on simulated noise and on rest prompts',
      package: '@galvani/calibrate',
      per: 'study',
      reads: ['design', 'extract'],
      parameters: ['glm.afterEnd', 'glm.transform', 'runs'],
      sources: [],
      byHand: true,
      studyOption: true,
    },
    {
      name: 'power',
      summary: 'how many prompts a study needs, from a recorded one',
      package: '@galvani/power',
      per: 'study',
      reads: ['design', 'extract', 'glm'],
      parameters: ['networks', 'glm', 'runs'],
      sources: [],
      byHand: true,
    },
    {
      name: 'lesion',
      summary:
        "what becomes of the model's predictions on each topic without each task's network, beside matched units",
      package: '@galvani/lesion',
      per: 'study',
      divided: 'masks',
      reads: ['design', 'extract', 'twin', 'glm'],
      parameters: [
        ...['lesion', 'networks', 'design', 'extract.model', 'extract.device', 'extract.template', 'extract.system'],
        ...['glm.afterEnd', 'runs'],
      ],
      sources: ['prompts', 'model', 'texts', 'pairs'],
      allCores: true,
    },
    {
      name: 'steer',
      summary: "what the model writes when it is steered along each task's network, beside random directions",
      package: '@galvani/steer',
      per: 'study',
      reads: ['design', 'extract', 'glm'],
      parameters: ['steer', 'networks', 'design', 'extract', 'glm.afterEnd', 'glm.transform', 'runs'],
      sources: ['prompts', 'model'],
      allCores: true,
      byHand: true,
    },
    {
      name: 'report',
      summary: 'one HTML page with everything',
      package: '@galvani/report',
      per: 'study',
      reads: [
        'design',
        'extract',
        'glm',
        'networks',
        'decode',
        'controls',
        'yardstick',
        'geometry',
        'calibrate',
        'power',
        'lesion',
        'steer',
      ],
      parameters: ['design', 'extract', 'runs', 'glm', 'networks', 'decode', 'yardstick', 'geometry', 'report'],
      sources: [],
      partial: true,
    },
  ])
);

/** @typedef {typeof stageTable[number]['name']} StageName */

/**
 * @param {string} name
 * @returns {StageRow & { name: StageName, reads: readonly StageName[] }}
 */
export function stageRow(name) {
  const row = stageTable.find((each) => each.name === name);
  if (!row) throw new RangeError(`there is no stage '${name}'`);
  return row;
}

/**
 * Where in its package a stage is.
 * @param {StageRow} row
 * @returns {StageEntry}
 */
export function stageEntry({ entry }) {
  return entry ?? { process: 'main.js', export: 'stage' };
}
