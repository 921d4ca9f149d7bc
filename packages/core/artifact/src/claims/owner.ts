import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { relative } from 'node:path';

/** Who holds a claim: what is written into it. */
export interface Owner {
  pid: number;
  host: string;
  /** Tells machines and process name spaces apart that have the same host name. */
  machine: string;
  /** When the process began, in the kernel's count, which tells it from a later one of the same number; '' where unknown. */
  started: string;
  command: string;
  /** When the claim was made. */
  since: string;
}

/** A process of another machine is taken for dead when its claim was not touched for so long while somebody watched. */
export const silenceOfTheDead = 120_000;

const textOr = (read: () => string) => {
  try {
    return read().trim();
  } catch {
    return '';
  }
};

/** Fields 3 and 22 of /proc/<pid>/stat (proc(5)), '' where there is none. The name before them may hold spaces and brackets. */
function kernelOn(pid: number | 'self'): { state: string; started: string } {
  const text = textOr(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], started: fields[19] ?? '' };
}

let machine: string | undefined;
function thisMachine(): string {
  machine ??= [
    hostname(),
    textOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    textOr(() => readlinkSync('/proc/self/ns/pid')),
  ].join(' ');
  return machine;
}

export function thisProcess(): Owner {
  const [, script = 'node', ...words] = process.argv;
  const near = relative(process.cwd(), script);
  return {
    pid: process.pid,
    host: hostname(),
    machine: thisMachine(),
    started: kernelOn('self').started,
    command: [near.startsWith('..') ? script.replace(/^.*[\\/]/, '') : near, ...words].join(' '),
    since: new Date().toISOString(),
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** What is known of a process: `unknown` where only silence can tell. */
export function lifeOf(owner: Owner | undefined): 'alive' | 'dead' | 'unknown' {
  if (owner === undefined || owner.machine !== thisMachine()) return 'unknown';
  if (!isRunning(owner.pid)) return 'dead';
  const { state, started } = kernelOn(owner.pid);
  if (owner.started === '' || started === '') return 'unknown';
  // Z, X: it has ended, and nobody asked how.
  return started === owner.started && !/[ZX]/.test(state) ? 'alive' : 'dead';
}

/** When claims were last seen to be touched: by path, the time on the file and when it was first seen, in milliseconds. */
export type Watch = Map<string, { touched: number; at: number }>;

/**
 * Whether the holder of the claim at `path` is no more. The clocks of two machines may differ, so what counts is that the
 * file's time changes while it is watched.
 */
export function isStale(path: string, owner: Owner | undefined, watch: Watch): boolean {
  const life = lifeOf(owner);
  if (life !== 'unknown') return life === 'dead';
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const before = watch.get(path);
  if (before?.touched === touched) return performance.now() - before.at >= silenceOfTheDead;
  watch.set(path, { touched, at: performance.now() });
  return false;
}

/** For a person: who is at work, where and since when. */
export function describeOwner(owner: Owner | undefined): string {
  if (!owner) return 'another command';
  const since = owner.since.slice(0, 19).replace('T', ' ');
  return `process ${owner.pid} on ${owner.host} (${owner.command}), at work since ${since} UTC`;
}
