import { createHash, type Hash, randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Failure, makeFolder, readPieces, UserMistake, whileWriting } from '@galvani/terminal';
import { attempts, type HubAccess, hubGet, waitBefore } from './hub-request.js';
import type { HubFile } from './needed-files.js';

/** Downloads under way in this process, by the file that they will become. */
const underWay = new Map<string, Promise<void>>();

/**
 * Downloads a file to `destination`, which appears only when its size and checksum are right. A partial download is kept
 * beside it (`*.incomplete`) and resumed. `received` is called with the number of new bytes, negative if some were thrown away.
 */
export async function downloadFile(
  access: HubAccess,
  url: string,
  file: HubFile,
  destination: string,
  received: (bytes: number) => void,
): Promise<void> {
  const running = underWay.get(destination);
  if (running) {
    await running;
    received(file.size);
    return;
  }
  const work = download(access, url, file, destination, received);
  underWay.set(destination, work);
  try {
    await work;
  } finally {
    underWay.delete(destination);
  }
}

async function download(
  access: HubAccess,
  url: string,
  file: HubFile,
  destination: string,
  received: (bytes: number) => void,
): Promise<void> {
  await makeFolder(dirname(destination));
  if (await isWhole(destination, file)) return received(file.size);
  const partial = await claimPartial(destination);
  try {
    for (let damaged = 0; ; damaged++) {
      const hash = await fetchWhole(access, url, file, partial, received);
      if (hash === file.checksum.hex) break;
      await rm(partial, { force: true });
      received(-file.size);
      if (damaged === 1)
        throw new Failure(
          `${file.path} of ${access.repo} arrived twice with another checksum (${hash}) than ${access.endpoint} lists (${file.checksum.hex}). Nothing of it was kept; a proxy in between may alter files.`,
        );
    }
    await rename(partial, destination);
  } catch (error) {
    // Left where the next run finds it.
    await rename(partial, `${destination}.incomplete`).catch(() => undefined);
    throw error;
  }
}

/** Whether another run, or another program that shares the cache, has this file already. */
async function isWhole(path: string, file: HubFile): Promise<boolean> {
  if ((await stat(path).catch(() => undefined))?.size !== file.size) return false;
  const hash = startHash(file);
  for await (const piece of readPieces(path)) hash.update(piece);
  return hash.digest('hex') === file.checksum.hex;
}

/**
 * Takes over what an earlier run left. The name carries our process's id and machine, so that two runs never write to one file:
 * only what was given up, or belongs to a process of this machine that has ended, is taken, and renaming lets one of several win.
 */
async function claimPartial(destination: string): Promise<string> {
  const folder = dirname(destination);
  const name = basename(destination);
  const host = hostname().replaceAll(/[^\w.-]/g, '_');
  const own = join(folder, `${name}.${process.pid}-${randomUUID()}@${host}.incomplete`);
  for (const found of await readdir(folder)) {
    if (!found.startsWith(`${name}.`) || !found.endsWith('incomplete')) continue;
    const owner = /\.(\d+)-[0-9a-f-]+(?:@(.+))?\.incomplete$/.exec(found);
    if (owner && ((owner[2] ?? host) !== host || isAlive(Number(owner[1])))) continue;
    try {
      await rename(join(folder, found), own);
      break;
    } catch {}
  }
  return own;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const kept = 'What was downloaded is kept.';

/** Downloads what is missing of `partial`, through breaks, and returns the checksum of the whole in hex. */
async function fetchWhole(
  access: HubAccess,
  url: string,
  file: HubFile,
  partial: string,
  received: (bytes: number) => void,
): Promise<string> {
  let hash = startHash(file);
  let done = 0;
  const restart = async (keep: number) => {
    received(keep - done);
    done = keep;
    hash = startHash(file);
    if (keep === 0) await rm(partial, { force: true });
    else for await (const piece of readPieces(partial)) hash.update(piece);
  };
  const held = (await stat(partial).catch(() => undefined))?.size ?? 0;
  await restart(held <= file.size ? held : 0);

  for (let idle = 0; done < file.size || (file.size === 0 && idle === 0); ) {
    const before = done;
    const response = await hubGet(access, url, done > 0 ? { range: `bytes=${done}-` } : {});
    if (response.status === 416 || (done > 0 && !continues(response, done))) await restart(0);
    if (response.status === 416) {
      await response.body.cancel();
      continue;
    }
    const output = await whileWriting(partial, () => open(partial, done > 0 ? 'a' : 'w'), kept);
    let broken: unknown;
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        if (done + chunk.length > file.size) {
          await restart(0);
          throw new Failure(
            `${file.path} of ${access.repo} is longer than the ${file.size} bytes that ${access.endpoint} lists.`,
          );
        }
        await whileWriting(partial, () => output.writeFile(chunk), kept);
        hash.update(chunk);
        done += chunk.length;
        received(chunk.length);
      }
      await whileWriting(partial, () => output.sync(), kept);
    } catch (error) {
      access.signal?.throwIfAborted();
      if (error instanceof Failure || error instanceof UserMistake) throw error;
      broken = error;
    } finally {
      await output.close();
    }
    if (done === file.size) break;
    // A connection that breaks is not counted as long as each attempt brings something.
    idle = done > before ? 0 : idle + 1;
    if (idle === attempts)
      throw new Failure(
        `${file.path} of ${access.repo} stops at byte ${done} of ${file.size}, ${attempts} times in a row. The same command resumes from there.`,
        { cause: broken },
      );
    await access.sleep(waitBefore(idle));
  }
  return hash.digest('hex');
}

/** A git blob's id is the SHA-1 of its length and its bytes: git-scm.com/book, "Git Objects". */
function startHash({ size, checksum }: HubFile): Hash {
  return checksum.algorithm === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}

/** Whether an answer to a range request starts where it was asked to. */
function continues(response: Response, from: number): boolean {
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return response.status === 206 && range !== null && Number(range[1]) === from;
}
