import { checkYaml, dictionarySchema } from '@galvani/study';
import { readTextFile } from '@galvani/terminal';
import { z } from 'zod';
import { taskRows } from '../task-list.js';

/** A name as Slurm has it: it stands in a line of the job's file. */
const word = z.string().regex(/^[\w.,:@%+=/-]+$/, 'must be one word, of letters, digits and . , : @ % + = / - _');
const line = z.string().regex(/^[^\r\n]+$/, 'must be one line, and not empty');

/** More than any machine has, and longer than any job may take: what is beyond is a slip. */
const most = { megabytes: 1e9, seconds: 1000 * 86_400 };

/** `8 GB`, `800 MB`, `1.5 TB`, or megabytes: powers of 1,000, rounded up to whole megabytes of Slurm's. */
const memory = z
  .union([z.number().positive(), z.string().regex(/^\d+(\.\d+)? ?[MGT]B?$/, 'must be such as 800 MB or 8 GB')])
  .transform((given) => {
    if (typeof given === 'number') return Math.ceil(given);
    const unit = { M: 1, G: 1e3, T: 1e6 }[given.replace(/[^MGT]/g, '')]!;
    return Math.ceil(Number.parseFloat(given) * unit);
  })
  .refine((megabytes) => megabytes > 0 && megabytes <= most.megabytes, 'must be above 0, and 1000 TB at most');

/** As Slurm writes it, hours:minutes:seconds or days-hours:minutes:seconds; or minutes. */
const time = z
  .union([
    z.int().positive(),
    z
      .string()
      .regex(
        /^(\d+-)?\d{1,3}:[0-5]\d:[0-5]\d$/,
        'must be hours:minutes:seconds, such as 02:00:00, days-hours:minutes:seconds, or a number of minutes',
      ),
  ])
  .transform((given) => {
    if (typeof given === 'number') return 60 * given;
    const [, days = '0', hours, minutes, seconds] = /^(?:(\d+)-)?(\d+):(\d+):(\d+)$/.exec(given)!;
    return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  })
  .refine((seconds) => seconds > 0 && seconds <= most.seconds, 'must be above 0, and 1000 days at most');

/** What a person may say for all stages, and for each. */
const settings = {
  partition: word.optional().describe('Where jobs run.'),
  account: word.optional().describe('Whom they are charged to.'),
  qos: word.optional().describe('Quality of service.'),
  constraint: z
    .string()
    .regex(/^[\w.,&|*[\]()-]+$/, 'must be features, such as avx512 or intel&ib, without spaces')
    .optional()
    .describe('Features that a node must have. One kind of processor gives one study the same last digits everywhere.'),
  cores: z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe('Cores of a job. Default: 4 for stages that run a model, else 2 or 1.'),
  memory: memory.optional().describe('Memory of a job, such as 8 GB. Default: by the size of the model.'),
  time: time
    .optional()
    .describe('After which a job is ended, such as 02:00:00. Default: by the size of model and study.'),
  options: z
    .array(z.string().regex(/^--?[a-zA-Z][^\r\n]*$/, 'must be an option of sbatch, such as --exclusive'))
    .default([])
    .describe('Further options of sbatch, each as a line.'),
};

const stageSettings = z.strictObject({
  ...settings,
  options: settings.options.optional(),
  unitsPerTask: z
    .int()
    .min(1)
    .optional()
    .describe(
      'Units, such as runs, that a task of the array does. Default: as many runs as fill a batch, or shares as take a minute; else 1.',
    ),
});

/** What a cluster.yaml may hold, with every default. */
export const profileSchema = z.strictObject({
  ...settings,
  container: line.optional().describe('An image in which galvani runs.'),
  runner: line
    .default('apptainer exec')
    .describe('What runs a command in the container; the image and the command are put behind it.'),
  galvani: line.optional().describe('How galvani is started on a node. Default: as it was started for submit.'),
  setup: z
    .union([line.transform((one) => [one]), z.array(line)])
    .default([])
    .describe('Lines of shell before it, such as module load node.'),
  environment: dictionarySchema(
    z.string().regex(/^[A-Za-z_]\w*$/, 'must be the name of a variable'),
    z.union([line, z.number()]).transform(String),
  )
    .default([])
    .describe('Variables of the environment, such as GALVANI_STORE.'),
  requeue: z.boolean().default(true).describe('Whether a job whose node is lost goes back into the queue.'),
  concurrent: z.int().min(1).optional().describe('Tasks of an array that run at once. Default: as many as fit.'),
  maxArraySize: z
    .int()
    .min(2)
    .default(1001)
    .describe("The cluster's MaxArraySize (scontrol show config): larger stages have tasks of several units."),
  stages: z
    .strictObject(Object.fromEntries(taskRows.map(({ name }) => [name, stageSettings.optional()])))
    .default({})
    .describe('The same for single stages, where it goes before what is said for all.'),
});

/** A cluster, as jobs see it. */
export type Profile = z.output<typeof profileSchema>;
/** What is said of one stage. */
export type StageSettings = Omit<Profile, 'stages'> & { unitsPerTask?: number };

/** What a profile says of a stage: what it says of that alone goes before what it says of all. Further options are added. */
export function settingsOf({ stages, ...all }: Profile, stage: string): StageSettings {
  const { options = [], ...own } = stages[stage] ?? {};
  const said = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...all, ...said, options: [...all.options, ...options] };
}

/**
 * Reads and checks a cluster.yaml.
 * @throws UserMistake that names line, field and what is allowed
 */
export async function readProfile(path: string): Promise<Profile> {
  return parseProfile(await readTextFile(path, { missing: `there is no profile at ${path}.` }), path);
}

/** Checks the text of a cluster.yaml; `path` is only named in messages. */
export function parseProfile(text: string, path: string): Profile {
  return checkYaml(text, path, profileSchema, 'the profile').value;
}
