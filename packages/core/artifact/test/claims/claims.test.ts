import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { describeOwner, isStale, lifeOf, type Owner, silenceOfTheDead, thisProcess } from '../../src/claims/owner.js';
import { withClaims } from '../../src/claims/with-claims.js';

let root: string;
let said: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'galvani-claims-'));
  said = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

const claims = () => join(root, '.claims');

/** Work that notes when it begins, and ends when it is told to. */
function worker(events: string[], name: string, parts: Parameters<typeof withClaims>[1], signal?: AbortSignal) {
  let end = () => {};
  const told = new Promise<void>((resolve) => {
    end = resolve;
  });
  const done = withClaims({ root }, parts, signal, async () => {
    events.push(`${name} begins`);
    await told;
    events.push(`${name} ends`);
  });
  return { end, done };
}

/** A claim as a process leaves it that is killed. */
function leave(part: string, mode: 'read' | 'write', owner: Partial<Owner>, name = 'left'): string {
  const folder = join(claims(), `${encodeURIComponent(part)}.${mode}`);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ ...thisProcess(), ...owner }));
  return path;
}

const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;

test('one writer at a time, and nothing is left', async () => {
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 12 }, () =>
      withClaims({ root }, { write: ['glm'] }, undefined, async () => {
        most = Math.max(most, ++inside);
        await sleep(Math.random() * 3);
        inside--;
      }),
    ),
  );
  expect(most).toBe(1);
  expect(readdirSync(root)).toEqual([]);
});

test('readers share, a writer waits for them, and readers that come later wait for the writer', async () => {
  const events: string[] = [];
  const [a, b] = [worker(events, 'a', { read: ['glm'] }), worker(events, 'b', { read: ['glm'] })];
  await vi.waitFor(() => expect(events).toHaveLength(2));
  const writer = worker(events, 'writer', { write: ['glm'] });
  await vi.waitFor(() => expect(existsSync(join(claims(), 'glm.write'))).toBe(true));
  const late = worker(events, 'late', { read: ['glm'] });
  a.end();
  await a.done;
  await sleep(50);
  expect(events).toEqual(['a begins', 'b begins', 'a ends']);
  b.end();
  await vi.waitFor(() => expect(events).toContain('writer begins'));
  await sleep(50);
  expect(events).not.toContain('late begins');
  writer.end();
  late.end();
  await Promise.all([b.done, writer.done, late.done]);
  expect(events.slice(-3)).toEqual(['writer ends', 'late begins', 'late ends']);
  expect(readdirSync(root)).toEqual([]);
});

test('other parts are nobody’s business', async () => {
  const events: string[] = [];
  const first = worker(events, 'first', { read: ['plan', 'extract/a'], write: ['glm'] });
  const second = worker(events, 'second', { write: ['decode'], read: ['extract/a', 'plan'] });
  await vi.waitFor(() => expect(events).toHaveLength(2));
  for (const each of [first, second]) each.end();
  await Promise.all([first.done, second.done]);
});

test('work that has a part claims it again, though a writer waits for it meanwhile', async () => {
  const events: string[] = [];
  const outer = withClaims({ root }, { read: ['plan'] }, undefined, async () => {
    await vi.waitFor(() => expect(existsSync(join(claims(), 'plan.write'))).toBe(true));
    await withClaims({ root }, { read: ['plan'], write: ['glm'] }, undefined, async () => events.push('inner'));
  });
  await vi.waitFor(() => expect(existsSync(join(claims(), 'plan.read'))).toBe(true));
  const writer = worker(events, 'writer', { write: ['plan'] });
  await outer;
  writer.end();
  await writer.done;
  expect(events).toEqual(['inner', 'writer begins', 'writer ends']);
});

test('a writer that turns reader lets readers in, and keeps writers out', async () => {
  const events: string[] = [];
  let end = () => {};
  const told = new Promise<void>((resolve) => {
    end = resolve;
  });
  const planner = withClaims({ root }, { write: ['plan'] }, undefined, async (_signal, { toReading }) => {
    toReading();
    await told;
    events.push('planner ends');
  });
  await withClaims({ root }, { read: ['plan'] }, undefined, async () => events.push('reader'));
  const writer = withClaims({ root }, { write: ['plan'] }, undefined, async () => events.push('writer'));
  await sleep(30);
  end();
  await Promise.all([planner, writer]);
  expect(events).toEqual(['reader', 'planner ends', 'writer']);
  expect(readdirSync(root)).toEqual([]);
});

test('who waits is told who is at work, where and since when, and Ctrl-C ends the wait', async () => {
  const events: string[] = [];
  const first = worker(events, 'first', { write: ['glm'] });
  await vi.waitFor(() => expect(events).toHaveLength(1));
  const stop = new AbortController();
  const second = worker(events, 'second', { write: ['glm'] }, stop.signal);
  const ended = expect(second.done).rejects.toThrow('enough');
  await vi.waitFor(() => expect(said).toHaveLength(1), 5000);
  const { pid, host } = thisProcess();
  expect(said[0]).toContain(`waiting for glm of ${root}: process ${pid} on ${host} (`);
  expect(said[0]).toMatch(/at work since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\. Ctrl-C ends the wait\.\n$/);
  stop.abort(new Error('enough'));
  await ended;
  first.end();
  await first.done;
  expect(events).toEqual(['first begins', 'first ends']);
  expect(readdirSync(root)).toEqual([]);
});

test.each(['read', 'write'] as const)('a %s claim of a killed process is seen through', async (mode) => {
  leave('glm', mode, { pid: deadPid() });
  // The number belongs to another process now.
  if (process.platform === 'linux') leave('glm', 'read', { pid: process.ppid, started: '1' }, 'recycled');
  // Killed while it took the claim.
  mkdirSync(join(claims(), 'glm.write.x.partial'));
  writeFileSync(join(claims(), 'glm.write.x.partial', 'x'), JSON.stringify({ ...thisProcess(), pid: deadPid() }));
  expect(await withClaims({ root }, { write: ['glm'] }, undefined, async () => 'done')).toBe('done');
  expect(readdirSync(root)).toEqual([]);
});

test('what a process left that was killed before its claim was written is swept away', async () => {
  for (const [place, text] of [
    ['glm.write.x.partial', undefined],
    ['glm.write.y.partial', ''],
  ] as const) {
    mkdirSync(join(claims(), place), { recursive: true });
    if (text !== undefined) writeFileSync(join(claims(), place, 'name'), text);
  }
  await withClaims({ root }, { read: ['plan'] }, undefined, async () => undefined);
  expect(readdirSync(root)).toEqual([]);
});

test('a process of another machine is dead when its claim has not been touched for minutes of watching', () => {
  const owner = { ...thisProcess(), pid: deadPid(), machine: 'another' };
  const path = leave('glm', 'write', owner);
  const now = vi.spyOn(performance, 'now');
  const watch = new Map();
  // Its clock may be years behind.
  utimesSync(path, 1, 1);
  const at = (ms: number) => {
    now.mockReturnValue(ms);
    return isStale(path, owner, watch);
  };
  expect([at(0), at(silenceOfTheDead - 1)]).toEqual([false, false]);
  utimesSync(path, 2, 2);
  expect([at(silenceOfTheDead), at(2 * silenceOfTheDead - 1), at(2 * silenceOfTheDead)]).toEqual([false, false, true]);
  expect(lifeOf(owner)).toBe('unknown');
  expect(lifeOf(thisProcess())).not.toBe('dead');
  expect(lifeOf(undefined)).toBe('unknown');
  expect(describeOwner(undefined)).toBe('another command');
});

test('what is no claim is waited for like a claim of another machine, and not for ever', async () => {
  const path = leave('glm', 'write', {});
  writeFileSync(path, '{"pid":');
  const stop = new AbortController();
  const waiting = withClaims({ root }, { read: ['glm'] }, stop.signal, async () => undefined);
  setTimeout(() => stop.abort(new Error('enough')), 50);
  await expect(waiting).rejects.toThrow('enough');
  expect(existsSync(path)).toBe(true);
});

test.skipIf(process.getuid?.() === 0)('a study that cannot be written is read without claims', async () => {
  chmodSync(root, 0o555);
  expect(await withClaims({ root }, { read: ['glm'] }, undefined, async () => 'read')).toBe('read');
  await expect(withClaims({ root }, { write: ['glm'] }, undefined, async () => 'written')).rejects.toThrow(/EACCES/);
  chmodSync(root, 0o755);
});

test('work that fails leaves no claim', async () => {
  const failing = withClaims({ root }, { write: ['glm'] }, undefined, async () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(readdirSync(root)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')('where no folder can be made a writer does not wait', async () => {
  const done = withClaims({ root: '/proc/self' }, { write: ['glm'] }, undefined, async () => 'ran');
  await expect(done).rejects.toThrow(/^E[A-Z]+: .*mkdir '\/proc\/self\/\.claims'/);
});
