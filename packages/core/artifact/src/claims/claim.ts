/**
 * Claims on the parts of a study, by which commands that share it keep out of each other's way. A part has many readers or one
 * writer; all that decides is that a folder is renamed to a name that nobody has, which file systems do as one step, network
 * file systems included. A claim holds one file with a name of its own, so that whoever clears away a dead one never removes
 * what a living one has put in its place.
 *
 *     .claims/<part>.write/<name>     at most one: its writer, or for a moment a reader that comes
 *     .claims/<part>.read/<name>      its readers
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSystemError } from '@galvani/terminal';
import { keepBeating, stopBeating } from './heartbeat.js';
import { isMachinesOwn } from './machines-own.js';
import { isStale, type Owner, thisProcess, type Watch } from './owner.js';

/** A claim that is held. */
export interface Claim {
  release(): void;
}

export interface ClaimOptions {
  signal?: AbortSignal;
  /** Whether a part that another process has is waited for (default), or the claim given up at once with `PartTaken`. */
  wait?: boolean;
  /** Told, now and then, whom the claim waits for. */
  onWait?(owner: Owner | undefined): void;
  /** Told if somebody else took the claim for a dead one's. */
  onLost?(): void;
}

/** Another process has the part, and nobody was to wait for it. */
export class PartTaken extends Error {}

/** A claim that another process has. */
interface Held {
  path: string;
  owner: Owner | undefined;
}

/** What the folder of a claim is called until it is written. */
const unfinished = '.partial';

const isThere = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.'));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return [];
    throw error;
  }
}

export function readOwner(path: string): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(path, 'utf8')) as Owner;
    return typeof owner.pid === 'number' && typeof owner.since === 'string' ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** Removes one claim and, where it was the last, the folder that it lay in. Where nothing can be written nothing needs to be. */
function remove(folder: string, name: string): void {
  try {
    rmSync(join(folder, name), { force: true });
    rmdirSync(folder);
  } catch (error) {
    // ENOTEMPTY, in one of its names: another claim is in it already.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EBUSY', 'EROFS', 'EACCES', 'EPERM'].includes(codeOf(error))) throw error;
  }
}

/** Where that is not possible, somebody sweeps it later. */
function removeUnfinished(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It is nobody's claim.
  }
}

/**
 * Makes the folder of all claims, and those above it. Node's own `recursive` says of a disk that can only be read that something does
 * not exist, which is how somebody who sweeps looks.
 */
function makePlace(folder: string): void {
  const make = () => {
    try {
      mkdirSync(folder);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' && !isThere(folder)) throw error;
    }
  };
  try {
    make();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
    makePlace(dirname(folder));
    make();
  }
}

/** The claims in a folder, after those of dead processes are removed. */
function living(folder: string, watch: Watch): Held[] {
  return namesIn(folder).flatMap((name) => {
    const path = join(folder, name);
    const owner = readOwner(path);
    if (!isStale(path, owner, watch)) return [{ path, owner }];
    remove(folder, name);
    return [];
  });
}

/** Makes and removes something in a folder. */
function askAbout(folder: string): void {
  const look = join(folder, `.${randomUUID()}`);
  try {
    mkdirSync(look, { recursive: true });
    rmdirSync(look);
  } catch (error) {
    // Another writer, who waited too, removed the empty folder.
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/**
 * The claims in a folder as whoever keeps the files has them. A network file system answers for a while with what a machine
 * saw last; to make and remove something there it has to be asked. A machine's own is not: beside a disk that is written to
 * each of these takes milliseconds.
 */
function livingNow(folder: string, watch: Watch): Held[] {
  if (!isMachinesOwn(dirname(folder))) askAbout(folder);
  const found = living(folder, watch);
  try {
    rmdirSync(folder);
  } catch {
    // Claims are in it.
  }
  return found;
}

/** Longer and longer, to a quarter of a second. */
const pause = (tries: number) => Math.min(250, 5 * 2 ** tries);
/** Before a person is told of a wait, and between two tellings. */
const silence = { first: 1_000, next: 60_000 };

/** Waits until `ready` gives nobody that is in the way. */
async function until(ready: () => Held | undefined, { signal, wait = true, onWait }: ClaimOptions): Promise<void> {
  let tell = performance.now() + silence.first;
  for (let tries = 0; ; tries++) {
    signal?.throwIfAborted();
    const other = ready();
    if (!other) return;
    if (!wait) throw new PartTaken();
    if (performance.now() >= tell) {
      onWait?.(other.owner);
      tell = performance.now() + silence.next;
    }
    await sleep(pause(tries), undefined, { signal }).catch(() => undefined);
  }
}

/** Puts a claim where none is. Returns whose is there; undefined if it is ours now. */
function enter(gate: string, name: string, content: string, watch: Watch): Held | undefined {
  const [other] = living(gate, watch);
  if (other) return other;
  const ready = `${gate}.${name}${unfinished}`;
  makePlace(dirname(gate));
  try {
    mkdirSync(ready);
    writeFileSync(join(ready, name), content);
    renameSync(ready, gate);
    return undefined;
  } catch (error) {
    removeUnfinished(ready);
    // The rename may have been done though its answer was lost.
    if (isThere(join(gate, name))) return undefined;
    // ENOENT: somebody swept what he took for left by a killed process. Windows says EPERM where a folder is in the way.
    const taken = ['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error));
    if (!taken && !(codeOf(error) === 'EPERM' && isThere(gate))) {
      // A write that fails, as on a full disk, does not say of what file.
      if (isSystemError(error)) error.path ??= gate;
      throw error;
    }
    return { path: gate, owner: undefined };
  }
}

/** Makes a claim at the gate a reader's, in one step. @throws ENOENT if it was taken for a dead process's, and removed */
function moveToReaders(gate: string, readers: string, name: string): void {
  for (;;)
    try {
      mkdirSync(readers, { recursive: true });
      renameSync(join(gate, name), join(readers, name));
      return;
    } catch (error) {
      if (isThere(join(readers, name))) return;
      // Otherwise the last of the other readers removed the folder.
      if (codeOf(error) !== 'ENOENT' || !isThere(join(gate, name))) throw error;
    }
}

/**
 * Waits for a part of the study in `folder` and claims it: `write` alone, `read` beside other readers. A writer that waits
 * goes before readers that come later.
 *
 * @param part `plan`, `glm`, `extract/<run>`
 * @throws PartTaken where it would have to wait and is not to
 */
export async function claim(
  folder: string,
  part: string,
  mode: 'read' | 'write',
  options: ClaimOptions = {},
): Promise<Claim & { toReading(): void }> {
  const place = join(folder, encodeURIComponent(part));
  const [gate, readers] = [`${place}.write`, `${place}.read`];
  const name = randomUUID();
  const content = JSON.stringify(thisProcess());
  const watch: Watch = new Map();
  const hold = (path: string) => keepBeating(path, () => options.onLost?.());
  const leave = (from: string) => {
    stopBeating(join(from, name));
    remove(from, name);
    try {
      rmdirSync(folder);
    } catch {
      // Other claims are in it.
    }
  };
  await until(() => enter(gate, name, content, watch), options);
  let held = gate;
  const toReading = () => {
    if (held === readers) return;
    moveToReaders(gate, readers, name);
    held = readers;
    leave(gate);
    hold(join(readers, name));
  };
  try {
    if (mode === 'read') toReading();
    else {
      hold(join(gate, name));
      await until(() => livingNow(readers, watch)[0], options);
    }
  } catch (error) {
    leave(held);
    throw error;
  }
  return { toReading, release: () => leave(held) };
}

/** Removes what killed processes of this machine left among the claims in `folder`. */
export function sweepClaims(folder: string): void {
  const watch: Watch = new Map();
  for (const each of namesIn(folder)) {
    const place = join(folder, each);
    const [holder] = living(place, watch);
    // Its owner was killed before the claim was written; one who lives tries again.
    if (each.endsWith(unfinished) && !holder?.owner) removeUnfinished(place);
  }
  try {
    rmdirSync(folder);
  } catch {
    // Claims of others are in it, or there is none.
  }
}
