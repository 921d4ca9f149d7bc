import { z } from 'zod';

const bankPath = z.string().min(1);
const banks = z.union([bankPath, z.array(bankPath).min(1)]);

const presentedSchema = z.strictObject({
  bank: banks
    .default('embedded')
    .describe("The prompt bank: 'embedded', a CSV or Parquet file, or a list of these, which are one bank together."),
  template: z
    .union([
      z.enum(['none', 'chat']),
      z
        .string()
        .regex(/\{prompt\}/, 'must be none, chat, or a text with {prompt} in it')
        .refine((text) => text.split('{prompt}').length === 2, 'must hold {prompt} once'),
    ])
    .default('none')
    .describe(
      "What stands around each prompt: none; chat, the model's own chat template, with the prompt as the user's message; or a text with {prompt} where the prompt goes.",
    ),
  system: z.string().min(1).optional().describe('With template: chat, the system text before the prompt.'),
});

/** Where prompts come from and what stands around them. */
export const promptsSchema = z
  .union([bankPath, z.array(bankPath).min(1), presentedSchema])
  .default('embedded')
  .describe(
    "The prompt bank: 'embedded', or a CSV or Parquet file with columns id, topic, text (and form). Or a list of these, which are one bank together: [embedded, mine.csv]. Or how they are presented too: { bank: mine.csv, template: chat }.",
  );

type Prompts = z.output<typeof promptsSchema>;

const isPresented = (prompts: Prompts): prompts is z.output<typeof presentedSchema> =>
  typeof prompts === 'object' && !Array.isArray(prompts);

/** The files of the bank as they are written, and the path of fields to them. */
export function writtenBanks(prompts: Prompts): { banks: string[]; field: string[] } {
  return isPresented(prompts)
    ? { banks: [prompts.bank].flat(), field: ['prompts', 'bank'] }
    : { banks: [prompts].flat(), field: ['prompts'] };
}

/** What stands around a prompt, as whoever presents it is told. */
export function presentedPrompts(prompts: Prompts): { template?: string; system?: string } {
  if (!isPresented(prompts) || prompts.template === 'none') return {};
  const { template, system } = prompts;
  return { template, ...(system !== undefined && { system }) };
}
