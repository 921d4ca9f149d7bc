/** Fields of a JSON object by name, each with what it is. A name that ends in `?` is not always there. */
export type JsonFields = Readonly<Record<string, string>>;

/** What every command's object begins and ends with. */
export const commonFields: JsonFields = {
  galvani: 'version of galvani',
  shape:
    'version of these shapes: another one where a field went or came to mean another thing, and not where one was added',
  command: 'the command, such as `store list`',
  exitCode: '0 done, 1 failed, 2 a mistake in what was asked, 130 stopped',
  'error?':
    'the sentence that says why, where exitCode is not 0; of the fields below those are there that were known by then',
  warnings: 'sentences on what should be known or mended',
};

const study = 'name of the study';
const derivatives = 'folder of its derivatives, absolute';
const file = 'the file that was written, absolute';
const stages =
  'for each stage that ran: `stage`, `seconds`, `sentences` (what it said of its work) and `parts`: for each folder that it writes `part` (`glm`, `extract/<run>`), `state` (`written`, `kept` as it was, or `missing`), `files` and `bytes` that its manifest lists, and `facts`, what the manifest says of them';
const ofStage: JsonFields = { study, derivatives, stages };

const sites = 'for each site `name`, `layer`, `kind`, `width`';

/** What commands of `--json` add to `commonFields`; undefined of a command that has nothing to give. */
export const jsonFields: Readonly<Record<string, JsonFields | undefined>> = {
  init: { study: 'the study.yaml, absolute', files: 'what was written, absolute', next: 'the command to run next' },
  run: {
    ...ofStage,
    report: 'the page, absolute',
    summary: 'what the report says first, in sentences',
    cautions: 'what it says to be careful about',
  },
  plan: {
    format: 'version of the list of tasks',
    study,
    workspace: 'absolute; all other paths are relative to it',
    derivatives: 'folder of its derivatives',
    file: 'where the list lies; `warnings` say where it could not be written',
    plan: 'digest of the plan',
    sources: 'files that no task makes',
    tasks: 'the study as tasks: docs/clusters.md',
    short:
      'what this machine does not have of what the study takes, which may run elsewhere: for each `of` (`memory` or `disk`), `stage` (of memory), and in bytes `needed` and `there`; none where the model is not here. In sentences it is among `warnings`',
  },
  design: ofStage,
  extract: ofStage,
  twin: ofStage,
  wording: ofStage,
  glm: {
    'study?': `${study}; of a study, as are derivatives and stages`,
    'derivatives?': derivatives,
    'stages?': stages,
    'folder?': 'with --series, as are files, bytes and facts: the folder that was written, absolute',
    'files?': 'how many files its manifest lists',
    'bytes?': 'of these files',
    'facts?': 'what its manifest says of them',
  },
  networks: ofStage,
  decode: ofStage,
  controls: ofStage,
  yardstick: ofStage,
  geometry: ofStage,
  lesion: ofStage,
  report: ofStage,
  calibrate: {
    rates: 'a row for each measured error rate, as in calibration.parquet',
    files: 'where the rates were written, absolute',
  },
  power: {
    rows: 'a row for each number of prompts and task, as in power.parquet',
    sentences: 'what they come to',
    file,
  },
  steer: {
    study,
    'derivatives?': `${derivatives}; without --task, as is stages`,
    'stages?': stages,
    'task?': 'with --task, as is samples',
    'samples?': 'for each text `opening`, `label`, `strength`, `text`, `probability`, `perplexity`',
  },
  submit: {
    study,
    done: 'tasks that are done',
    tasks: 'all tasks',
    submitted: 'for each job array `group`, `job`, `tasks` (how many)',
    'folder?': 'where batch files are, absolute; not where there is nothing to submit',
    'workspace?': 'with --dry-run: where the script runs',
    'script?': 'with --dry-run: lines of a shell script that would submit',
  },
  status: {
    study,
    planned: '`yes`, `no`, `damaged`, or `another`: study.yaml is not as it was planned',
    stages: 'for each stage `stage`, `done`, `tasks` and `queue`, how many jobs are in which state',
    problems: 'sentences on what is there and not whole',
    'report?': 'the page, where all is done',
  },
  exec: { study, stage: 'the stage', tasks: 'names of the tasks', 'sentences?': 'what was said of the work' },
  'export snakemake': { file },
  'export bids': {
    folder: 'the dataset, absolute',
    subject: 'its subject’s folder, such as `sub-frog`',
    runs: 'runs whose events are there',
    maps: 'maps whose statistics are there',
    files: 'how many files',
    bytes: 'of these',
  },
  group: {
    folder: 'where its tables are, absolute',
    studies: 'what the studies are called in them',
    tasks: 'tasks that all studies have',
    notes: 'sentences on what was left out, and what so few studies can tell',
    effects: 'rows of effects.parquet',
    covariates: 'rows of covariates.parquet; with --by',
    geometry: 'rows of geometry.parquet',
  },
  mask: {
    file,
    model: 'the model whose parameters these are',
    units: 'how many units the network has in these sites',
    sites: 'in how many sites',
    parameters: 'how many parameters have weights in the mask',
    weights: 'how many weights',
    notes: 'sentences on units without weights, and weights that more than one thing uses',
  },
  replay: {
    study,
    runs: 'for each run `run`, and `kept`: nothing had to be run',
    rows: 'how many tokens',
    sameLogProbabilities: 'whether every token’s is that of the recording, bit for bit',
    sites:
      'for each `site`: how many numbers could be `compared` with recorded activations, how many are `different`, and by how much at most (`largest`, of the site’s largest)',
    'file?': `${file}; with --out, as is units`,
    'units?': 'how many columns of activity the file has',
  },
  unit: {
    site: 'the site',
    unit: 'the unit',
    kind: 'kind of the site',
    layer: 'layer of the site',
    of: '`tokens`, or `prompts` where only their means were kept',
    values: '`count`, `mean`, `sd`, and `percentiles`, each `percent` and `value`',
    maps: 'for each map its statistics of the unit',
    prompts: '`highest` and `lowest`',
    tokens: '`highest` and `lowest`',
  },
  verify: {
    study,
    derivatives,
    stages: 'for each stage `stage`, `folders`, `files`, `bytes`, and `problems`, in sentences',
  },
  view: { folder: 'with --static alone: the folder that was written, absolute', bytes: 'beside the page' },
  trace: {
    file,
    rows: 'of the file',
    sites,
    unitsPerToken: 'numbers in a row',
    bytes: 'size of the file',
    continuations: 'for each prompt `prompt`, `text`, `tokens`, and their `logProbabilities` in nats',
  },
  sites: {
    name: 'of the model',
    architecture: 'as config.json names it',
    sites,
    unitsPerToken: 'numbers of a token',
    bytesPerToken: 'as float32',
    'vocabularySize?': 'tokens that the model knows',
    contextLength: 'in tokens',
    weightBytes: 'of the weights, as float32; what an .onnx file has quantized as it is',
    'cacheBytes?': 'of keys and values for a token of a text, as float32',
    'stateBytes?': 'of states that are carried from token to token of a text, as float32',
    'unnamed?': 'of an .onnx file: `nodes` that carry no module’s path, and modules that have no site for that',
    'readOnly?': 'why nothing can be generated from it',
    'further?': 'sites inside modules that a pattern with # would choose',
    'fixed?': 'sites that cannot be intervened on, and why',
  },
  completion: { shell: 'which shell', script: 'what it is to read' },
  'store list': {
    folder: 'of the store, absolute',
    bytes: 'on the disk',
    shared: 'bytes that are the files of studies too',
    studies: 'for each study of this workspace `study`, `entries`, `bytes`',
    entries:
      'for each entry `key`, `kind` (`recording` or `twin`), `bytes`, `used` (when last), what its record says, and `holders`, the studies that have it',
  },
  'store verify': {
    folder: 'of the store, absolute',
    entries: 'how many',
    bytes: 'that were read',
    damaged: 'for each damaged entry `damage`, in a sentence, and `dropped`',
  },
  'store prune': {
    folder: 'of the store, absolute',
    dryRun: 'whether nothing was removed',
    removed: 'the entries that went, as store list has them',
    bytes: 'of these',
    freed: 'bytes that this frees on the disk: what studies have stays',
    kept: '`entries` and `bytes` that stay',
  },
};
