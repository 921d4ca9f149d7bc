import { mostSessions } from '@galvani/pipeline';
import { formatCount, UserMistake } from '@galvani/terminal';
import type { StudyFile } from './study-file.js';

/**
 * Checks that family-wise thresholds can be reached at all: few prompts, sessions or relabellings give no small p, and every
 * network would be empty whatever the model does.
 *
 * @throws UserMistake with the line of study.yaml that is at fault
 */
export function checkReachable(file: StudyFile): void {
  const { correction, top } = file.study.networks;
  if (correction !== 'familywise' || top !== undefined) return;
  if (file.study.design.pairs) checkPairFlips(file);
  else checkTaskMaps(file);
  if (file.study.glm.secondLevel) checkSecondLevel(file);
}

const otherCorrection = 'choose networks.correction fdr, bonferroni or none, which use the t distribution';

function checkTaskMaps(file: StudyFile): void {
  const { design, glm, networks } = file.study;
  const { alpha } = networks;
  const { sessions, cycles, promptsPerBlock } = design;
  const distinct = distinctRelabellings(file, sessions);
  if (distinct <= glm.relabellings) {
    if (1 / distinct <= alpha) return;
    let enough = promptsPerBlock;
    let found = distinct;
    while (1 / found > alpha && found <= glm.relabellings) found = distinctRelabellings(file, sessions, ++enough);
    throw new UserMistake(
      `${file.locate('design', 'promptsPerBlock')}: the labels of ${sessions} ${sessions === 1 ? 'run' : 'runs'} of ${(2 * cycles + 1) * promptsPerBlock} prompts, ${cycles * promptsPerBlock} of them on, can be exchanged in ${distinct} ways, so no family-wise p is below ${short(1 / distinct)} and no network can have a member at networks.alpha ${alpha}. Set design.promptsPerBlock to ${enough} or more, or design.sessions higher, or ${otherCorrection}.`,
    );
  }
  checkRandom(file, 'relabellings of prompts', 0);
}

/** In pairs labels are exchanged within each pair alone, which is a flip of the sign of its difference. */
function checkPairFlips(file: StudyFile): void {
  const { design, networks } = file.study;
  const pairs = design.sessions * design.cycles * design.promptsPerBlock;
  const least = 2 ** (1 - pairs);
  if (least > networks.alpha) {
    const enough = Math.ceil(1 - Math.log2(networks.alpha) - 1e-9);
    throw new UserMistake(
      `${file.locate('design', 'promptsPerBlock')}: ${pairs} pairs have ${2 ** pairs} sign flips, and |t| is the same when all signs are turned, so no family-wise p is below ${short(least)} and no network can have a member at networks.alpha ${networks.alpha}: that takes ${enough} pairs. Set design.promptsPerBlock, design.cycles or design.sessions higher, or ${otherCorrection}.`,
    );
  }
  checkRandom(file, 'relabellings of pairs', least, 2 ** pairs);
}

function checkSecondLevel(file: StudyFile): void {
  const { design, glm, networks } = file.study;
  const { sessions } = design;
  const { alpha } = networks;
  // |t| is the same when the signs of all sessions are turned.
  const least = 2 ** (1 - sessions);
  if (least > alpha) {
    const enough = Math.ceil(1 - Math.log2(alpha) - 1e-9);
    const more = enough <= mostSessions ? `Set design.sessions to ${enough} or more, or` : 'Set';
    throw new UserMistake(
      `${file.locate('glm', 'secondLevel')}: ${sessions} sessions have ${2 ** sessions} sign flips, and |t| is the same when all signs are turned, so no family-wise p is below ${short(least)} and no unit can pass networks.alpha ${alpha}: that takes ${enough} sessions. ${more} networks.alpha to ${short(least)} or more, ${otherCorrection}, or leave secondLevel out.`,
    );
  }
  if (2 ** sessions > glm.relabellings) checkRandom(file, 'sign flips of sessions', least, 2 ** sessions);
}

/**
 * Checks relabellings that are drawn at random: of m, p is (b + 1) / (m + 1), and b counts those draws too that have the observed
 * statistic in every unit.
 *
 * @param tied share of such relabellings among all
 * @param all number of relabellings that, listed, are enough
 */
function checkRandom(file: StudyFile, what: string, tied: number, all = Number.POSITIVE_INFINITY): void {
  const { alpha } = file.study.networks;
  const m = file.study.glm.relabellings;
  const least = (1 + m * tied) / (m + 1);
  if (least <= alpha * (1 + 1e-9)) return;
  // Of (1 + m tied) / (m + 1) <= alpha.
  const enough = Math.min(all, alpha > tied ? Math.ceil((1 - alpha) / (alpha - tied) - 1e-9) : all);
  const remedy = enough <= 1_000_000 ? `Set glm.relabellings to ${formatCount(enough)} or more, raise` : 'Raise';
  throw new UserMistake(
    `${file.locate('glm', 'relabellings')}: ${formatCount(m)} ${what}, drawn at random, give no family-wise p below ${short(least)}, so nothing can pass networks.alpha ${alpha}. ${remedy} networks.alpha, or ${otherCorrection}.`,
  );
}

/**
 * Ways to exchange the labels of a task's prompts inside their runs. Where regressors besides the task, or prompts of several
 * lengths, tell prompts apart, every order of them counts.
 */
function distinctRelabellings({ study }: StudyFile, sessions: number, promptsPerBlock?: number): number {
  const { design, glm } = study;
  const inBlock = promptsPerBlock ?? design.promptsPerBlock;
  const [on, prompts] = [design.cycles * inBlock, (2 * design.cycles + 1) * inBlock];
  const apart = glm.confounds !== undefined || glm.drift || glm.modulators;
  let ofRun = 1;
  for (let i = 1; i <= (apart ? prompts : on); i++) ofRun *= apart ? i : (prompts - on + i) / i;
  return Math.round(Math.min(ofRun ** sessions, Number.MAX_SAFE_INTEGER));
}

const short = (p: number) => String(Number(p.toPrecision(3)));
