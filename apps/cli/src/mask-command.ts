import { resolve } from 'node:path';
import { requireWritableFile, withClaims } from '@galvani/artifact';
import type { MaskedWeights, MaskFormat } from '@galvani/mask';
import { studyFolder } from '@galvani/study';
import { answer, formatCount, interruptible, note } from '@galvani/terminal';
import { Command, Option } from 'commander';
import { maskParts } from './mask-parts.js';
import { derivativesDefault, withStudyIn } from './study-argument.js';

interface MaskOptions {
  task: string;
  format: MaskFormat;
  sites?: string[];
  weights: MaskedWeights;
  out?: string;
  derivatives?: string;
}

const inPyTorch = `
In PyTorch, with the model as AutoModelForCausalLM loads it:
  mask = safetensors.torch.load_file('pathology.safetensors')
  for name, parameter in model.named_parameters():
      parameter.requires_grad_(name in mask)
      if name in mask: parameter.register_hook(lambda gradient, own=mask[name]: gradient * own)

Each tensor is boolean, bears its parameter's name and broadcasts over it: [rows, 1] where whole rows are masked, [1, columns] where
whole columns are, the parameter's own shape where both are. Use an optimizer without weight decay, which would change weights that have no gradient.`;

/** A task's network as weights to fine-tune. */
export function maskCommand(): Command {
  return new Command('mask')
    .description(
      "a task's network as a mask over the model's parameters: which weights write to its units and read from them",
    )
    .argument('<study>', 'study.yaml of a study that was recorded and fitted, or the folder that holds it')
    .requiredOption('--task <name>', 'whose network')
    .addOption(
      new Option('--format <name>', 'what is written')
        .choices(['safetensors', 'json', 'parquet', 'csv'])
        .default('safetensors'),
    )
    .option(
      '--sites <pattern...>',
      "only units of these sites, such as '*.activation_fn' (default: all that were recorded)",
    )
    .addOption(
      new Option('--weights <which>', 'weights that write to units, that read from them, or both')
        .choices(['write', 'read', 'both'])
        .default('both'),
    )
    .option('--out <file>', 'the file to write (default: <task>.<format> in the working folder)')
    .option('--derivatives <folder>', `the study's derivatives (${derivativesDefault})`)
    .addHelpText('after', inPyTorch)
    .action(async (named: string, { task, format, sites, weights, out, derivatives }: MaskOptions) => {
      const path = out ?? `${task.replaceAll(/[^\p{L}\p{N}._-]/gu, '-')}.${format}`;
      await requireWritableFile(path, `.${format}`);
      const { writeMask } = await import('@galvani/mask');
      const written = await interruptible(
        (signal) =>
          withStudyIn(named, derivatives, signal, async ({ study, root }, both) => {
            const folder = studyFolder(study, root);
            return withClaims(folder, { read: await maskParts(folder) }, both, (held) =>
              writeMask({ study, root, task, format, sites, weights, out: path, signal: held }),
            );
          }),
        'no mask was kept',
      );
      for (const sentence of written.notes) note(`mask: ${sentence}`);
      answer(
        `${path}: ${formatCount(written.units)} units in ${formatCount(written.sites)} sites of ${written.model}, ${formatCount(written.weights)} weights in ${formatCount(written.parameters)} parameters`,
        { file: resolve(path), ...written },
      );
    });
}
