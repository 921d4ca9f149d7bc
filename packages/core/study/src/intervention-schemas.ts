import { z } from 'zod';

/** The section `lesion`. */
export const lesionSchema = z
  .strictObject({
    thorough: z
      .boolean()
      .default(false)
      .describe(
        'Whether all is lesioned that can be: every kind of site and of lesion, five doses, 1,000 controls and all texts, where nothing else is written here. It can take hours; the command says beforehand how long.',
      ),
    sites: z
      .array(z.string().min(1))
      .optional()
      .describe(
        'Where units are lesioned: kinds of site (activation, gated, linear, norm, block, embedding and others that were recorded), or patterns of site names; each by itself. [] leaves lesions out. Default: the hidden units of MLPs, which are [gated] where they are gated and else [activation].',
      ),
    kinds: z
      .array(z.enum(['mean', 'zero', 'resample']))
      .min(1)
      .optional()
      .describe(
        "What takes units' place: their mean over rest prompts, zero, or what they did in one rest prompt. Default: [mean].",
      ),
    doses: z
      .array(z.number().gt(0).max(1))
      .min(1)
      .optional()
      .describe('Shares of a network that are lesioned, its strongest members first. Default: [0.25, 0.5, 1].'),
    controls: z
      .int()
      .min(19)
      .max(100_000)
      .optional()
      .describe(
        'Matched sets of units for each network at the largest dose; at other doses a fifth, at least 19. Default: 100.',
      ),
    unmatched: z
      .int()
      .min(0)
      .max(100_000)
      .optional()
      .describe('Sets of units that are not matched in activity, for comparison, at the largest dose. Default: 20.'),
    prompts: z
      .int()
      .min(4)
      .max(100_000)
      .optional()
      .describe(
        "Texts of a task's topic that are read under lesions of its own network, of those of the bank that no run presents. Default: 36.",
      ),
    otherPrompts: z
      .int()
      .min(4)
      .max(100_000)
      .optional()
      .describe('Texts of each other topic that are read under these lesions. Default: 12.'),
    texts: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Path, relative to this file, of a table of texts that are read instead of the bank's: columns topic and text. A topic is a task, or any other name.",
      ),
    pairs: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Path, relative to this file, of a table of pairs: columns topic, good and bad, and optionally good_context and bad_context, which are read before them. The model is right where good is the more probable.',
      ),
  })
  .prefault({})
  .describe("What becomes of the model's predictions without a network.");

/** The section `steer`. */
export const steerSchema = z
  .strictObject({
    sites: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Where an offset is added: kinds of site (activation, gated, linear, norm, block, embedding and others that were recorded), or patterns of site names; all together. Default: the hidden units of MLPs, which are [gated] where they are gated and else [activation].',
      ),
    strengths: z
      .array(z.number().min(-1000).max(1000))
      .min(1)
      .default([-2, -1, 0, 1, 2, 4])
      .describe("How much is added; 1 is the units' task minus rest effect, 0 the untouched model."),
    directions: z.int().min(19).max(10_000).default(39).describe('Random directions beside each network.'),
    prompts: z.int().min(4).max(10_000).default(12).describe('Openings that the model continues.'),
    tokens: z.int().min(1).max(10_000).default(16).describe('Tokens that it writes after each.'),
  })
  .prefault({})
  .describe('What the model writes when it is steered along a network.');
