import { type RecordingSize, recordingBytes } from '@galvani/forecast';
import { Failure, formatBytes, formatCount } from '@galvani/terminal';

/**
 * @param halvable whether float16 holds what is recorded
 * @throws Failure if the disk is too small, before anything was written.
 */
export function checkForecast(size: RecordingSize, free: number, folder: string, halvable = true): void {
  const needed = recordingBytes(size);
  if (needed <= free) return;
  const runs = size.runs === 1 ? 'the recording' : `the ${formatCount(size.runs)} runs that are not recorded yet`;
  const need = size.runs === 1 ? 'needs' : 'need';
  const fewer =
    size.rows < size.tokens
      ? 'record fewer sites (sites)'
      : 'record fewer sites (sites), keep prompts and not tokens (keep)';
  const advice =
    size.storage === 'float32' && halvable
      ? `Free some space, ${fewer} or store float16 (storage), which halves it.`
      : `Free some space, or ${fewer}.`;
  throw new Failure(
    `${runs} ${need} about ${formatBytes(needed)} in ${folder}, and ${formatBytes(free)} are free; nothing was started. ${advice}`,
  );
}
