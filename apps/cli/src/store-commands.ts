import { join } from 'node:path';
import { workspaceOf } from '@galvani/study';
import type { Holder, StoreEntry } from '@galvani/subject';
import {
  advised,
  answer,
  answerFacts,
  Failure,
  formatBytes,
  formatCount,
  interruptible,
  note,
  startProgress,
  UserMistake,
} from '@galvani/terminal';
import { Command } from 'commander';
import { byteCount, timeSpan } from './quantity-option.js';

/** Commands about the store of recordings, which studies and machines share. */
export function storeCommands(): Command[] {
  const store = new Command('store')
    .description('recordings kept by content, shared by studies and by CI')
    .addCommand(listCommand())
    .addCommand(verifyCommand())
    .addCommand(pruneCommand());
  return [store];
}

/** The working folder's workspace, whose store and studies are meant. */
const workspace = () => workspaceOf(join(process.cwd(), 'study.yaml'));

/** As few characters of a key as tell entries apart. */
const shortKey = (key: string) => key.replace(/[0-9a-f]{52}$/, '');

const recordings = (count: number) =>
  `${formatCount(count)} ${count === 1 ? 'recording or twin' : 'recordings and twins'}`;

function listCommand(): Command {
  return new Command('list')
    .description('what is kept, the longest unused first, and which studies here have it')
    .action(async () => {
      const { distinctBytes, listStore, sharedBytes, storeFolder, storeHolders } = await import('@galvani/subject');
      const root = workspace();
      const folder = await storeFolder(root);
      const [entries, holdersOf] = [await listStore(folder), await storeHolders(root)];
      const [bytes, shared] = [distinctBytes(entries), sharedBytes(entries)];
      // An entry that several studies have counts for each of them.
      const studies = [...new Set(entries.flatMap((entry) => holdersOf(entry).map(({ study }) => study)))].sort();
      const ofStudies = studies.map((study) => {
        const own = entries.filter((entry) => holdersOf(entry).some((holder) => holder.study === study));
        return { study, entries: own.length, bytes: distinctBytes(own) };
      });
      const list = entries.map((entry) => ({ ...described(entry, holdersOf(entry)), shared: sharedBytes([entry]) }));
      answerFacts({ folder, bytes, shared, studies: ofStudies, entries: list });
      if (entries.length > 0) answer(entries.map((entry) => entryLine(entry, holdersOf(entry))).join('\n'));
      const unheld = entries.filter((entry) => holdersOf(entry).length === 0);
      for (const own of ofStudies) note(`${own.study}: ${recordings(own.entries)}, ${formatBytes(own.bytes)}`);
      if (unheld.length > 0 && studies.length > 0)
        note(`in no study here: ${recordings(unheld.length)}, ${formatBytes(distinctBytes(unheld))}`);
      const held = shared > 0 ? `, of which ${formatBytes(shared)} are the files of studies too (hard links)` : '';
      note(`${folder}: ${recordings(entries.length)}, ${formatBytes(bytes)}${held}`);
    });
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('read every file of the store and hold it against its checksum')
    .option('--drop', 'remove the entries that are damaged')
    .action(async ({ drop }: { drop?: boolean }) => {
      const { listStore, storeFolder, verifyStore } = await import('@galvani/subject');
      const folder = await storeFolder(workspace());
      const bytes = (await listStore(folder)).reduce((sum, own) => sum + own.bytes, 0);
      const { entries, damaged } = await interruptible((signal) => {
        const progress = startProgress('store', bytes, 'bytes');
        const onBytes = (count: number) => progress.advance(count);
        return verifyStore(folder, { drop, signal, onBytes }).finally(() => progress.finish());
      }, 'what was read of the store stays as it is');
      answerFacts({ folder, entries, bytes, damaged });
      if (damaged.length > 0)
        answer(damaged.map(({ damage, dropped }) => `${damage}${dropped ? ': the entry is dropped' : ''}`).join('\n'));
      note(`${folder}: ${recordings(entries)}, ${formatBytes(bytes)} read, ${damaged.length} damaged`);
      if (damaged.length > 0 && !drop)
        throw new Failure(
          `${formatCount(damaged.length)} of ${recordings(entries)} ${damaged.length === 1 ? 'is' : 'are'} damaged: ${advised('store verify --drop')} removes ${damaged.length === 1 ? 'it' : 'them'}. A study whose files are links to these has the same damage, which ${advised('verify STUDY')} tells, and ${advised('run')} records it again.`,
        );
    });
}

interface PruneOptions {
  keepBytes?: number;
  unusedFor?: number;
  dryRun?: boolean;
}

function pruneCommand(): Command {
  return new Command('prune')
    .description('remove the recordings and twins that were not used for longest; studies keep their files')
    .option('--keep-bytes <size>', 'how much to keep, such as 20GB', byteCount)
    .option(
      '--unused-for <time>',
      'remove what was neither put nor taken for so long, such as 30d, 12h or 4w',
      timeSpan,
    )
    .option('--dry-run', 'only say what would be removed')
    .action(async ({ keepBytes, unusedFor, dryRun = false }: PruneOptions) => {
      if (keepBytes === undefined && unusedFor === undefined)
        throw new UserMistake(
          'prune needs to know what may go: --keep-bytes 20GB keeps the last used so far as they fit, --unused-for 30d those used since; both may be given, and --dry-run only lists.',
        );
      const { distinctBytes, pruneStore, sharedBytes, storeFolder, storeHolders } = await import('@galvani/subject');
      const root = workspace();
      const folder = await storeFolder(root);
      const holdersOf = await storeHolders(root);
      const unusedSince = unusedFor === undefined ? undefined : new Date(Date.now() - unusedFor);
      const { removed, kept } = await pruneStore(folder, { keepBytes, unusedSince, dryRun });
      // Another name of the same bytes, in a study's folder, keeps them on the disk.
      const held = sharedBytes(removed);
      const [gone, freed] = [distinctBytes(removed), distinctBytes(removed) - held];
      const remaining = distinctBytes(kept);
      const list = removed.map((entry) => described(entry, holdersOf(entry)));
      const remain = { entries: kept.length, bytes: remaining };
      answerFacts({ folder, dryRun, removed: list, bytes: gone, freed, kept: remain });
      if (removed.length > 0) answer(removed.map((entry) => entryLine(entry, holdersOf(entry))).join('\n'));
      const verb = dryRun ? 'would remove' : 'removed';
      const linked =
        held > 0 ? ` (${formatBytes(freed)} of the disk: ${formatBytes(held)} are files of studies too)` : '';
      note(
        `${folder}: ${verb} ${recordings(removed.length)}, ${formatBytes(gone)}${linked}; ${recordings(kept.length)}, ${formatBytes(remaining)} ${dryRun ? 'would remain' : 'remain'}`,
      );
    });
}

/** An entry as JSON has it. */
function described({ key, bytes, used, facts }: StoreEntry, holders: readonly Holder[]) {
  const kind = key.startsWith('twins/') ? 'twin' : 'recording';
  const { prompts, rows, sites, units, storage, twin, seed } = facts;
  return { key, kind, bytes, used, prompts, rows, sites, units, storage, twin, seed, holders };
}

/** `3f2a91bc04d2    24.3 MB  2026-11-27  18 prompts, 288 rows, 23,104 units  default: extract/ses-01_task-pathology` */
function entryLine({ key, bytes, used, facts }: StoreEntry, holders: readonly Holder[]): string {
  const { prompts, rows, units, seed } = facts;
  const count = (value: unknown, what: string) => (typeof value === 'number' ? [`${formatCount(value)} ${what}`] : []);
  const what = key.startsWith('twins/')
    ? `untrained twin${seed === undefined ? '' : `, seed ${seed}`}`
    : [...count(prompts, 'prompts'), ...count(rows, 'rows'), ...count(units, 'units')].join(', ');
  const day = used?.toISOString().slice(0, 10) ?? '-'.padEnd(10);
  return `${shortKey(key).padEnd(18)}  ${formatBytes(bytes).padStart(7)}  ${day}  ${what || 'its record is damaged'}  ${holdersText(holders)}`;
}

function holdersText(holders: readonly Holder[]): string {
  if (holders.length === 0) return 'in no study here';
  const [{ study, stage, run }] = holders;
  return `${study}: ${stage}/${run}${holders.length > 1 ? ` and ${holders.length - 1} more` : ''}`;
}
