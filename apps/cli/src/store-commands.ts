import { answer, formatBytes, note } from '@galvani/terminal';
import { Command } from 'commander';
import { wholeNumber } from './number-option.js';

/** Commands about the store of recordings, which studies and machines share. */
export function storeCommands(): Command[] {
  const store = new Command('store').description('recordings kept by content, shared by studies and by CI');
  store
    .command('list')
    .description('what is kept')
    .action(async () => {
      const { listStore, storeFolder } = await import('@galvani/subject');
      const folder = await storeFolder(process.cwd());
      const entries = await listStore(folder);
      if (entries.length > 0) answer(entries.map(({ key, bytes }) => `${key}  ${formatBytes(bytes)}`).join('\n'));
      const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
      note(`${folder}: ${entries.length} recordings and twins, ${formatBytes(total)}`);
    });
  store
    .command('prune')
    .description('remove the recordings that were not used for longest')
    .requiredOption('--keep <megabytes>', 'how much to keep', wholeNumber(0))
    .action(async ({ keep }: { keep: number }) => {
      const { pruneStore, storeFolder } = await import('@galvani/subject');
      const removed = await pruneStore(await storeFolder(process.cwd()), keep * 1e6);
      const freed = removed.reduce((sum, { bytes }) => sum + bytes, 0);
      note(`removed ${removed.length} recordings and twins, ${formatBytes(freed)}`);
    });
  return [store];
}
