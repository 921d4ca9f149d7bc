import type { MapDescription, MapSite } from '@galvani/results';
import type { StageParameters } from '@galvani/study';

/**
 * What a viewer is given of a study, part by part. A part has a name, which is its path below `data/`, the same on a server and in a folder
 * of files: `study.json`, `runs/<run>.json`, `maps/<map>/<column>.arrow`, `tables/<stage>/<table>.json`, `series/<site>/<unit>.arrow`,
 * `replay/<site>/<unit>.arrow`, `networks/<task>.arrow`, `mask/<task>.<format>`; of the untrained twin `twin-runs/<run>.json` and
 * `twin/<site>/<unit>.arrow`. `mask/<name>.<format>` with a body is a mask of the units there: see `UnitSelection`. Names that people chose, such as a site's, are written there by `partWord`.
 */
export interface StudyView {
  name: string;
  title: string;
  description: string;
  /** As study.yaml names it. */
  model: string;
  tasks: string[];
  runs: RunSummary[];
  /** What recordings hold: activations at every token, or means over each prompt. */
  keep: 'tokens' | 'prompts';
  /** Whether statistics leave out rows after the end of a prompt's text. */
  afterEnd: StageParameters['glm']['afterEnd'];
  transform: StageParameters['glm']['transform'];
  /** How a task shows in its tokens, to the GLM. */
  regressor: 'boxcar' | NonNullable<StageParameters['glm']['regressor']>['kind'];
  /** What else the design holds beside tasks and runs' levels. */
  nuisance: ('modulators' | 'drift' | 'confounds')[];
  /** What off blocks hold: rest, or prompts of the other tasks. */
  off: 'rest' | 'the other tasks';
  /** Whether every recorded run was recorded of the untrained twin too. */
  twin: boolean;
  /** Layers and their sites in the model's order; `start` is the place of a site's first unit among all. */
  sites: MapSite[];
  units: number;
  maps: MapSummary[];
  /** By which units belong to networks. */
  rule: StageParameters['networks'];
  /** Tables that can be had, by stage: `tables/<stage>/<table>.json` is its rows, numbers that are not finite as text. */
  tables: { stage: string; names: string[] }[];
  stages: StageState[];
  /** What is missing, stale or damaged, in sentences. */
  problems: string[];
  /** Whether whoever serves this makes parts when they are asked for, replays what was not kept and writes masks. Not a folder of files. */
  live: boolean;
}

export interface RunSummary {
  name: string;
  session: number;
  task: string;
  /** Rows of the run's recording, one for each token; 0 where it was not recorded. */
  rows: number;
}

/**
 * A map and the columns that can be had of it: `z`, `log10_p_familywise`, and of every map `flag`, `copy_of` and `unreachable`; of those of glm
 * `member`. Beside them there are contrasts over topics (yardstick) and independent components (geometry).
 */
export type MapSummary = Omit<MapDescription, 'kind'> & {
  kind: MapDescription['kind'] | 'topics' | 'component';
  columns: string[];
};

/** Units of some sites: each site once, its units rising, for each unit 1 or -1. */
export type UnitSelection = readonly { site: string; units: readonly number[]; signs: readonly number[] }[];

/** How far a stage is. */
export interface StageState {
  stage: string;
  state: 'done' | 'missing' | 'stale' | 'running';
  /** Runs that are there, of a stage that works run by run. */
  done: number;
  of: number;
  /** Why the study has no such stage, in a sentence or two: what there is of it is a manifest that says so. */
  why?: string;
}

/** What changes while stages run; a viewer that sees another version reads the study again. */
export interface ViewState {
  version: string;
  /** Parts that commands are at work on, such as `glm` or `extract/ses-01_task-pathology`. */
  running: string[];
}

/** What one run presented, and what the model wrote. Arrays of tokens have a value for each row of the recording. */
export interface RunView {
  name: string;
  session: number;
  task: string;
  prompts: PromptView[];
  tokens: {
    prompt: number[];
    position: number[];
    token: string[];
    after_end: boolean[];
    log_probability: (number | string)[];
    entropy: (number | string)[];
  };
}

export interface PromptView {
  prompt_id: string;
  block: number;
  condition: string;
  topic: string;
  form: string;
  text: string;
}

/** What a part that cannot be had is answered with. */
export interface ViewProblem {
  /** A sentence. */
  error: string;
}
