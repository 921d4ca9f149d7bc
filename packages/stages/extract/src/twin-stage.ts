import { withClaims } from '@galvani/artifact';
import { commitStage, openUpstream, readParameters, runFolder, studyFolder } from '@galvani/study';
import { type StageArguments, say } from '@galvani/terminal';
import { recordStudy } from './record-study.js';
import { emptyRun, wholeRun } from './run-on-disk.js';
import { runsToRecord } from './runs-to-record.js';

/**
 * The twin stage: plan/twin.json and design/<run>.parquet -> twin/<run>/, as the extract stage writes it, of the subject's
 * untrained twin. Where the study has none, a run's folder holds a manifest alone, whose facts say why (`absent`).
 * @throws as `recordStudy`
 */
export async function twinStage(args: StageArguments): Promise<void> {
  const asked = await readParameters(studyFolder(args.study, args.root), 'twin');
  if ('absent' in asked) await leaveOut(args, asked.absent);
  else await recordStudy(args, 'twin', asked);
}

async function leaveOut(args: StageArguments, absent: string): Promise<void> {
  const folder = studyFolder(args.study, args.root);
  const { wanted } = await runsToRecord(folder, args.runs);
  const { plan, inputs: read } = await openUpstream(folder, 'twin', args.signal);
  for (const run of wanted) {
    const target = runFolder(folder, run, 'twin');
    const events = `design/${run}.parquet`;
    const record = { plan, parameters: {}, inputs: { [events]: read[events] } };
    await withClaims(folder, { write: [`twin/${run}`] }, args.signal, async () => {
      const whole = await wholeRun(target, { stage: 'twin', ...record }, folder.verified);
      if (whole?.otherVersion === false) return;
      await emptyRun(target);
      await commitStage(folder, 'twin', target, { ...record, outputs: {}, facts: { absent } });
    });
    args.ended?.(run);
  }
  say(`twin: none is recorded: ${absent}`);
}
