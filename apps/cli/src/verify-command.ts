import { readdir } from 'node:fs/promises';
import { withClaims } from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import {
  bytesToVerify,
  foldersOf,
  planStudy,
  readableStudy,
  readStudyFile,
  type StageVerdict,
  stages,
  studyFolder,
  verifyStudy,
} from '@galvani/study';
import {
  advised,
  answer,
  Failure,
  formatBytes,
  formatCount,
  interruptible,
  startProgress,
  UserMistake,
} from '@galvani/terminal';
import { Command } from 'commander';
import { derivativesDefault, findStudy } from './study-argument.js';

/** Reads every file of a study and says what is whole and what is not. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('read every file of a study and hold it against checksums, plan and what it was made from')
    .argument('<study>', 'study.yaml, or the folder that holds it')
    .option('--out <folder>', `the study's derivatives (${derivativesDefault})`)
    .action(async (named: string, { out }: { out?: string }) => {
      const { path, derivatives, root } = await findStudy(named, out);
      await requireDerivatives(derivatives);
      const { name, parameters: asked } = await planStudy(await readStudyFile(path));
      const { folder } = await readableStudy(studyFolder(derivatives, root), asked);
      const parts = await Promise.all(stages.map((stage) => foldersOf(folder, stage)));
      const read = ['plan', ...parts.flat().map(({ name }) => name)];
      // What another command is about to write would look damaged.
      const verdicts = await interruptible(
        (signal) =>
          withClaims(folder, { read }, signal, async (both) => {
            const progress = startProgress('verify', await bytesToVerify(folder), 'bytes');
            const onBytes = (bytes: number) => progress.advance(bytes);
            return verifyStudy(folder, { asked, signal: both, onBytes }).finally(() => progress.finish());
          }),
        'nothing was changed',
      );
      answer(verdicts.map(verdictText).join('\n'), { study: name, derivatives, stages: verdicts });
      const problems = verdicts.reduce((sum, own) => sum + own.problems.length, 0);
      if (problems > 0)
        throw new Failure(
          `${formatCount(problems)} ${problems === 1 ? 'problem' : 'problems'} in ${derivatives}. ${advised('run')} makes what is damaged or of another plan again and keeps the rest.`,
        );
    });
}

/** @throws UserMistake where there is no folder, or nothing in it */
async function requireDerivatives(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => error);
  const code = found instanceof Error ? found.code : undefined;
  if (code === 'ENOTDIR') throw new UserMistake(`${folder} is not a folder, so no study can be verified there.`);
  if (code === 'ENOENT' || (Array.isArray(found) && found.length === 0))
    throw new UserMistake(
      `${folder} ${code ? 'does not exist' : 'is empty'}, so there is nothing to verify: ${advised('run')} makes it, and --out names another folder.`,
    );
  if (found instanceof Error) throw found;
}

function verdictText({ stage, absent, folders, files, bytes, problems }: StageVerdict): string {
  const count = `${formatCount(files)} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}`;
  const runs = stageRow(stage).per === 'run' ? ` in ${formatCount(folders)} ${folders === 1 ? 'run' : 'runs'}` : '';
  const state = problems.length > 0 ? 'NOT whole' : folders === 0 ? 'not there' : 'whole';
  if (absent !== undefined && problems.length === 0) return `${stage.padEnd(9)}  left out: ${absent}`;
  const first = `${stage.padEnd(9)}  ${state}${folders > 0 ? `: ${count}${runs}` : ''}`;
  return [first, ...problems.map((problem) => `    ${problem}`)].join('\n');
}
