import { defaults, mostSessions, taskPattern } from '@galvani/pipeline';
import { z } from 'zod';
import { correctionNames, families } from './corrections.js';
import { dictionarySchema } from './dictionary.js';
import { glmSchema, mapName } from './glm-schema.js';
import { lesionSchema, steerSchema } from './intervention-schemas.js';
import { promptsSchema } from './prompts-section.js';

const name = z
  .string()
  .max(100)
  .regex(taskPattern, 'must be lower-case letters, digits and single dashes, such as medical-imaging');

const patterns = z.array(z.string().min(1)).min(1);

/** The task whose prompts are made from the seed instead of read from the bank. */
export const randomStringsTask = 'random-strings';

const samplingSchema = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('greedy').describe('Always the most probable token.') }),
  z.strictObject({
    method: z.literal('sample').describe('Draw from the distribution, seeded by the study and the prompt.'),
    temperature: z.number().positive().max(10).default(0.8).describe('Divides the logits before sampling.'),
    topK: z.int().positive().optional().describe('Keep the K most probable tokens.'),
    topP: z.number().gt(0).max(1).optional().describe('Keep the most probable tokens that hold this much probability.'),
  }),
]);

const modelPath = z.string().min(1).describe('A checkpoint folder or an .onnx file, relative to study.yaml.');

const hubModel = z.strictObject({
  hub: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'must be owner/name, such as facebook/galactica-125m'),
  revision: z.string().min(1).default('main').describe('Branch, tag or commit.'),
});

/** Of `model.twin.seed` and `seed`. */
const seedNumber = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

/** A share of units as a person writes it, `1%`; a number above 0 and at most 1. */
const topShare = z
  .string()
  .regex(/^(?!0+(\.0+)?%)(100(\.0+)?|\d{1,2}(\.\d+)?)%$/, 'must be a share of units above 0%, at most 100%, such as 1%')
  .transform((share) => Number(share.slice(0, -1)) / 100);

/** What `rest: none` comes to: a list that nobody can write. */
const noTopics = (): { topics?: string[]; repeat?: undefined } => ({ topics: [] });

/** What study.yaml may hold, with every default. Its JSON Schema is published as study.schema.json. */
export const studySchema = z.strictObject({
  title: z.string().min(1).optional().describe('Heading of the report. Default: the name of the study.'),
  description: z.string().optional().describe('A paragraph for the report.'),
  seed: seedNumber.default(1).describe('Seed of everything random: same study, same bytes.'),
  model: z
    .union([
      modelPath,
      hubModel,
      z.strictObject({
        twin: z
          .union([modelPath, hubModel])
          .describe('The untrained twin of this checkpoint: its weights permuted within each tensor.'),
        seed: seedNumber.default(1).describe('Seed of the permutation.'),
      }),
    ])
    .default('embedded')
    .describe(
      "The subject: 'embedded' (the model that comes with galvani), a path, a model on the Hugging Face Hub, or the untrained twin of one of these: { twin: embedded }.",
    ),
  prompts: promptsSchema,
  tasks: z
    .array(name)
    .min(1)
    .describe(`Topics of the prompt bank to study, or '${randomStringsTask}', which are made from the seed.`),
  rest: z
    .union([
      z.literal('none').transform(noTopics),
      z.strictObject({
        topics: z.array(name).min(1).optional().describe('Topics of the off blocks. Default: all that are not tasks.'),
        repeat: z
          .literal('tasks')
          .optional()
          .describe(
            'tasks: the off blocks of a session hold the same prompts in the run of every task, so that few prompts will do. Maps of two tasks then share the noise of their rest, and the overlap of networks is not tested. Default: no prompt is shown twice.',
          ),
      }),
    ])
    .prefault({})
    .describe(
      "The off blocks: the topics of their prompts; or none: a task's off blocks then hold prompts of the other tasks, in equal parts, and tasks are compared with each other alone.",
    ),
  design: z
    .strictObject({
      sessions: z
        .int()
        .min(1)
        .max(mostSessions)
        .default(defaults.sessions)
        .describe('Repetitions: each has one run a task, with new prompts.'),
      cycles: z
        .int()
        .min(1)
        .max(100)
        .default(1)
        .describe('On blocks in a run; off blocks lie between and around them.'),
      promptsPerBlock: z.int().min(1).max(1000).default(6).describe('Prompts in each block.'),
      pairs: z
        .literal(true)
        .optional()
        .describe(
          "Each prompt of a task is presented with its partner, the prompt of a rest topic with the same value in the bank's column pair, and compared with that one alone. A run has cycles x promptsPerBlock pairs.",
        ),
    })
    .prefault({})
    .describe('One task a run, in an off/on/off pattern.'),
  extraction: z
    .strictObject({
      mode: z
        .enum(['generate', 'read'])
        .default('generate')
        .describe("Record the tokens generated after each prompt, or the prompt's own tokens while they are read."),
      tokens: z
        .enum(['all', 'mean', 'last'])
        .default('all')
        .describe(
          'What is kept of a prompt that is read: a row for each of its tokens, one row with their mean, or the row of its last token.',
        ),
      templateTokens: z
        .enum(['keep', 'drop'])
        .optional()
        .describe(
          "Of prompts that are read within a template, whether the template's tokens are kept (default), or the prompt's own alone, which the model reads in the same context.",
        ),
      keep: z
        .enum(['tokens', 'prompts'])
        .default('tokens')
        .describe(
          "What is stored: every unit's activation at every token, or what it comes to over each prompt (`moments`), whatever the number of tokens. What needs tokens is replayed.",
        ),
      moments: z
        .enum(['mean', 'squares', 'lagged'])
        .default('mean')
        .describe(
          'With keep: prompts, what is stored of each prompt: the mean, which glm.noise prompt takes; its squares too, for ols and mixed; or lagged products too, for ar1 and ar1+prompt.',
        ),
      newTokens: z.int().min(1).max(4096).default(16).describe('Tokens generated for each prompt.'),
      afterEnd: z
        .enum(['continue', 'stop'])
        .default('continue')
        .describe(
          "What is done when a prompt's text ends, with its end-of-sequence token, before newTokens are there: the model is made to continue, and what comes is marked (glm.afterEnd says whether it counts); or it stops, and nothing more is recorded of the prompt.",
        ),
      sampling: samplingSchema.prefault({ method: 'sample' }),
      sites: z
        .strictObject({
          include: patterns
            .default(['*'])
            .describe(
              'Patterns of site names to record; * stands for anything. What lies inside modules, but for gated products, takes a pattern with a #, such as *#z (docs/models.md).',
            ),
          exclude: z.array(z.string().min(1)).default([]).describe('Patterns of site names to leave out.'),
        })
        .prefault({}),
      storage: z
        .enum(['float32', 'float16'])
        .default('float32')
        .describe('How activations are kept on disk; moments other than means in float32 alone.'),
      batch: z
        .int()
        .min(1)
        .max(1024)
        .optional()
        .describe('Prompts at once at most, of one run or of several whole ones. Default: chosen by memory, up to 64.'),
      device: z.enum(['cpu', 'cuda', 'webgpu']).default('cpu'),
    })
    .prefault({})
    .describe('How the model is run and recorded.'),
  glm: glmSchema,
  networks: z
    .strictObject({
      correction: z.enum(correctionNames).default('familywise').describe('How the threshold accounts for many units.'),
      family: z
        .enum(families)
        .default('task')
        .describe('What the threshold accounts for: the units of one task, or of all tasks of the study together.'),
      alpha: z.number().gt(0).lt(1).default(0.05).describe('Error rate of the threshold.'),
      minimumEffect: z.number().min(0).default(0.5).describe("Smallest Cohen's d, in absolute value."),
      sign: z.enum(['both', 'positive', 'negative']).default('both').describe('Which effects make a network.'),
      top: topShare
        .optional()
        .describe(
          'In place of a threshold: the strongest share of units by t, such as 1%. A selection, not inference: it has as many members whatever the model does. With sign both by |t|.',
        ),
      copies: z
        .enum(['once', 'all'])
        .default('once')
        .describe('Whether units of a site that are copies of each other count as one unit, or each.'),
      unreachable: z
        .enum(['keep', 'drop'])
        .default('keep')
        .describe('Whether units of the head that stand for no token of any text may be members.'),
    })
    .prefault({})
    .describe('Which units belong to the network of a task.'),
  decode: z
    .strictObject({
      permutations: z.int().min(100).max(1_000_000).default(2000).describe('Permutations of labels for the p-value.'),
    })
    .prefault({})
    .describe('Identification of the task from sessions that selection never saw.'),
  yardstick: z
    .strictObject({
      prompts: z
        .int()
        .min(4)
        .max(100_000)
        .multipleOf(2)
        .optional()
        .describe(
          'Prompts of each topic and task that are compared, an even number. Default: as many as three quarters of the rest topics have.',
        ),
      draws: z
        .int()
        .min(1)
        .max(1000)
        .default(10)
        .describe('Draws of so many prompts, over which measures are averaged.'),
      groups: dictionarySchema(mapName, z.array(name).min(1))
        .prefault({})
        .describe(
          'Groups of topics (tasks or rest topics), by name, tested against the other rest topics with topics as the sample: { medicine: [pathology, medical-imaging] }. Each task is tested alone anyway.',
        ),
    })
    .prefault({})
    .describe('How each task compares with rest topics, each taken for a task.'),
  geometry: z
    .strictObject({
      noise: z
        .enum(['diagonal', 'shrunken'])
        .default('diagonal')
        .describe(
          "What distances between tasks are measured in: each unit's own variance over prompts, or the units' covariance, shrunken.",
        ),
      components: z
        .int()
        .min(1)
        .max(100)
        .default(10)
        .describe('Independent components; fewer where the prompts allow no more.'),
      relabellings: z.int().min(99).max(1_000_000).default(5000).describe('Relabellings of prompts for p.'),
    })
    .prefault({})
    .describe('How tasks lie to each other, and which components of activity follow them.'),
  lesion: lesionSchema,
  steer: steerSchema,
  controls: z
    .strictObject({
      twin: z
        .boolean()
        .default(true)
        .describe(
          'Whether the untrained twin of the model (its weights permuted within each tensor) is recorded with the same prompts. It takes as long as recording the model.',
        ),
    })
    .prefault({})
    .describe('What the results are compared with.'),
  $schema: z
    .string()
    .optional()
    .describe('Where the schema of study.yaml lies, for editors; galvani does not read it.'),
});

/** A study as written, defaults not filled in. */
export type StudyInput = z.input<typeof studySchema>;
/** A study with every default filled in. */
export type Study = z.output<typeof studySchema>;
