import { bytesOf } from '@galvani/artifact';
import { stageTable } from '@galvani/pipeline';
import { recordingBytes } from './recording-bytes.js';
import type { StudySize } from './study-size.js';

/** What a stage takes, by rules that `npm run bench -- study` measures. */
export interface StageForecast {
  stage: string;
  /** Most bytes of memory at once. */
  memory: number;
  /** Those of them that are the model's weights. */
  weights: number;
  /** Bytes that it leaves on disk. */
  disk: number;
  /** Of one machine. */
  seconds: number;
}

/** Operations a second of one core in float32 products: stated, as measured on a small server, and not measured here. */
export const statedRate = 30e9;

/** Node, onnxruntime and galvani's code. */
const program = 150e6;
/** The same for stages that compute statistics, with what they hold whatever the model. */
const statistics = 220e6;
/** Beside the weights: what onnxruntime computes in, more of it for larger models, and slabs of rows. */
const scratch = (weights: number, batch: number, units: number) => 200e6 + 0.16 * weights + 3 * 4 * batch * units;

/**
 * Memory, disk and time of each stage that `galvani run` runs, from sizes alone.
 *
 * @param cores of the machine; time goes down with no more than four of them
 */
export function forecastStudy(size: StudySize, cores: number): StageForecast[] {
  const { absent = [] } = size;
  const rows = stageTable.filter(
    (row) => row.name !== 'plan' && !('byHand' in row && row.byHand) && !absent.includes(row.name),
  );
  return rows.map(({ name }) => ({ stage: name, ...stageForecast(name, size, cores) }));
}

/** What opening an .onnx file takes, which says its sites when it is run, of which only its files' bytes are known before. */
export const openingForecast = (stage: string, bytes: number): StageForecast => ({
  ...{ stage, memory: program + 2 * bytes, weights: bytes, disk: 0, seconds: 0 },
});

/** How a stage after recording grows; in bytes, seconds and numbers of the study. */
interface Growth {
  /** Bytes of memory for each prompt and unit: prompts' means that it holds. */
  perMean: number;
  /** Bytes of memory for each row and unit of the widest layer, where tokens' rows are kept and it goes through them. */
  perRow: number;
  /** Bytes of memory for each prompt and unit of the widest layer: what it computes of a layer at a time. */
  perWidest?: number;
  /** Bytes of memory beyond those of all statistics, whatever the model. */
  fixed?: number;
  /** Bytes of memory for each byte of the weights, where it runs the model. */
  perWeight?: number;
  /** Bytes on disk for each unit. */
  disk: number;
  /** Bytes on disk for each unit and task. */
  perTask?: number;
  /** Bytes on disk for each unit and map, of which there is one for each run, task and contrast. */
  perMap?: number;
  /** Seconds of one core whatever the model. */
  start: number;
  /** Seconds of one core for each million of units, with 432 prompts. */
  seconds: number;
  /** Seconds of one core for each GB of recordings that it reads. */
  reading: number;
}

/**
 * Measured by `npm run bench -- study` and stage by stage on Galactica-125M's shape (199,760 units with the head, 432 prompts x 16 tokens in 24 runs, prompts'
 * moments kept) on two shared cores: glm 73 seconds of processors, networks 44 (by its share on a faster machine), decode 28, controls 52, yardstick 39, geometry 29, a report 34, of which its replays are
 * all but 5. On disk glm 156 MB (17 bytes a
 * unit of a run's map, 57 of a task's), yardstick 22 MB, geometry 8.5 MB, controls 2.1 MB, a report 1.4 MB. Memory networks 0.97 GB, geometry 1.05, yardstick 0.65, controls 1.5, decode 0.95, glm 0.81
 * (without the head 0.79, 0.64, 0.39, 1.25, 0.7, 0.47). The default study's glm took 28 seconds of processors and 0.44 GB, networks 18, decode 7, controls 43, yardstick 11,
 * geometry 10, lesions 0.37 GB: its prompts have forms, of which controls make folds that the other study lacks, and so take longer than this says.
 */
const growth: Record<string, Growth> = {
  wording: { perMean: 1, perRow: 0, disk: 0, start: 2, seconds: 0, reading: 0 },
  glm: {
    perMean: 0.36,
    perRow: 3.1,
    perWidest: 20,
    fixed: 100e6,
    disk: 0,
    perMap: 26,
    start: 20,
    seconds: 265,
    reading: 3,
  },
  networks: { perMean: 8.7, perRow: 0, disk: 10, start: 14.5, seconds: 145, reading: 1.5 },
  decode: { perMean: 8.5, perRow: 0, disk: 1, start: 4, seconds: 120, reading: 1.5 },
  controls: { perMean: 16, perRow: 0, disk: 10, start: 22, seconds: 150, reading: 3 },
  yardstick: { perMean: 5.5, perRow: 0, disk: 0, perTask: 19, start: 8, seconds: 150, reading: 1.5 },
  geometry: { perMean: 9.6, perRow: 0, disk: 44, start: 8, seconds: 105, reading: 1.5 },
  lesion: { perMean: 4, perRow: 0, fixed: 110e6, perWeight: 1.16, disk: 1, start: 4, seconds: 0, reading: 1.5 },
  report: { perMean: 0, perRow: 0, disk: 7, start: 4, seconds: 10, reading: 0 },
};

/**
 * Keys and values of the prompts that are presented at once, at all their tokens: what grows with tokens. Memory for them is made in steps of 32
 * tokens, of as many as the longest prompt and what is generated. Beside them states that are carried from token to token, which do not grow.
 */
const cacheOf = (
  { cacheBytes = 0, stateBytes = 0, promptTokens = 16, longestPrompt = promptTokens, tokens }: StudySize,
  rows: number,
) => rows * (stateBytes + cacheBytes * 32 * Math.ceil((longestPrompt + tokens) / 32));

type Taken = Omit<StageForecast, 'stage'>;

function stageForecast(stage: string, size: StudySize, cores: number): Taken {
  if (stage === 'extract' || (stage === 'twin' && size.twin)) return recordingForecast(stage, size, cores);
  const played = stage === 'report' && size.moments !== undefined && size.tokens > 1;
  if (played) return withReplays(statisticsForecast(stage, size, cores), size, cores);
  return statisticsForecast(stage, size, cores);
}

/** Units that a report shows of each task, at every token. */
const shownUnits = 3;
/** Bytes of a replayed unit beside its numbers: its file's format and manifest. */
const replayFiles = 10_000;

/**
 * Where tokens' activations were not kept, a run of each task is played again for some units of it: on Galactica-125M's shape six runs of 18 prompts took 29
 * seconds of processors, and 175 KB of disk.
 */
function withReplays(own: Taken, size: StudySize, cores: number): Taken {
  const { weights, weightCopies = 1, batch = 32, widestLayer, runs, prompts, tokens, tasks = 6 } = size;
  const played = (prompts * tasks) / runs;
  const units = shownUnits * tasks;
  return {
    memory: Math.max(
      own.memory,
      program + weightCopies * weights + scratch(weights, batch, widestLayer) + cacheOf(size, batch),
    ),
    weights,
    disk: own.disk + units * ((prompts / runs) * tokens * 4 + replayFiles),
    seconds: own.seconds + generationSeconds(size, played, cores),
  };
}

/** Loading a model and presenting it with so many prompts; where nothing was measured at the stated rate, which is rather too long. */
function generationSeconds(
  { weights, tokens, read = false, promptTokens = 16, pace }: StudySize,
  prompts: number,
  cores: number,
): number {
  const generated = read ? 0 : tokens;
  if (pace) return 1 + pace.loading + prompts * ((pace.prompt * promptTokens) / 16 + generated * pace.token);
  return 5 + weights / 2e8 + ((weights / 2) * prompts * (promptTokens + generated)) / ratedCores(cores);
}

/** Operations a second of all cores, at the stated rate. */
const ratedCores = (cores: number) => statedRate * Math.min(Math.max(cores, 1), 4);

/** Logits of the tokens that copies of a text have in one run under lesions: about so many tokens (`forward/losses.ts` of the model). */
const lesionLogits = ({ vocabulary = 0 }: StudySize) => 4 * 1024 * vocabulary;

/** Reading texts under lesions, of which nothing is recorded: a pace with recording says little of it. */
const lesionSeconds = ({ weights, lesionTokens = 0 }: StudySize, cores: number) =>
  ((weights / 2) * lesionTokens) / ratedCores(cores);

function statisticsForecast(stage: string, size: StudySize, cores: number): Taken {
  const taken = growth[stage];
  if (!taken) return { memory: program, weights: 0, disk: 1e5, seconds: 2 };
  const { perMean, perRow, perWidest = 0, fixed = 0, perWeight = 0, perMap = 0, perTask = 0 } = taken;
  const { weights, weightCopies = 1, prompts, units, widestLayer, tasks = 6 } = size;
  const rows = prompts * (size.moments === undefined ? size.tokens : 1);
  const ofLayer = widestLayer * (perWidest * prompts + (size.moments === undefined ? perRow * rows : 0));
  const [lesions, logits] = stage === 'lesion' ? [lesionSeconds(size, cores), lesionLogits(size)] : [0, 0];
  const ofTwin = stage === 'controls' && size.twin ? rows * units * bytesOf[twinKept(size).storage] : 0;
  const stored = rows * units * bytesOf[size.storage] + ofTwin;
  return {
    memory: statistics + fixed + perMean * prompts * units + ofLayer + perWeight * weightCopies * weights + logits,
    weights: perWeight > 0 ? weights : 0,
    // About a quarter as many maps are of tasks and contrasts as of runs.
    disk: (taken.disk + perTask * tasks + 1.3 * perMap * size.runs) * units + 1e5,
    seconds:
      (taken.start + (taken.seconds * units * (prompts / 432)) / 1e6 + (taken.reading * stored) / 1e9) /
        Math.min(cores, 2) +
      lesions,
  };
}

/** Where moments are kept, a twin's are means in float16. */
const twinKept = ({ moments, storage }: StudySize) =>
  moments === undefined ? { moments, storage } : { moments: 1, storage: 'float16' as const };

function recordingForecast(stage: string, size: StudySize, cores: number): Taken {
  const { weights, weightCopies = 1, prompts, tokens, units, runs, sites, batch = 32, together = batch } = size;
  const { moments, storage } = stage === 'twin' ? twinKept(size) : size;
  const ofRun = prompts / runs;
  // A twin's own weights are written to the store, in the format of its original.
  const twin = stage === 'twin' ? size.modelBytes : 0;
  const rows = ofRun * (moments ?? tokens);
  const disk = recordingBytes({ runs, tokens: ofRun * tokens, rows, units, sites, storage });
  // Rows that wait to be written: slabs of at most a quarter of a GB, two of the batch that is computed and one of that before it.
  const waiting =
    moments === undefined ? Math.min(768e6, 12 * together * units * (size.steps ?? tokens)) : 4 * together * units;
  return {
    memory: program + weightCopies * weights + scratch(weights, together, units) + waiting + cacheOf(size, together),
    weights,
    disk: disk + twin,
    seconds: generationSeconds(size, prompts, cores) + (2 * twin) / 2e8 + disk / 5e8,
  };
}
