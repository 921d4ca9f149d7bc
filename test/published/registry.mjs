import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const verdaccio = fileURLToPath(new URL('../../node_modules/verdaccio/bin/verdaccio', import.meta.url));

/**
 * A registry of npm on loopback, which takes galvani's packages from whoever publishes and asks another registry for all others.
 * @param {string} folder for its files, which is made
 * @param {string} other the registry that it asks
 * @returns {Promise<{ url: string, userconfig: string, stop(): void }>} userconfig: an .npmrc that names it, as npm's option
 */
export async function startRegistry(folder, other) {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const all = { access: '$all', publish: '$all', unpublish: '$all' };
  const config = {
    storage: join(folder, 'storage'),
    uplinks: { npm: { url: other, timeout: '120s', maxage: '1h' } },
    // No one of these is in the other registry, or another is.
    packages: { '@galvani/*': all, galvani: all, '**': { access: '$all', proxy: 'npm' } },
    max_body_size: '300mb',
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
  };
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify(config));
  const userconfig = join(folder, 'npmrc');
  writeFileSync(
    userconfig,
    `registry=${url}\n//127.0.0.1:${port}/:_authToken=anyone\nfund=false\naudit=false\nupdate-notifier=false\n`,
  );
  const process_ = spawn(
    process.execPath,
    [verdaccio, '--config', path, '--listen', url.replace(/^http:\/\/|\/$/g, '')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(process_, 'exit').then(() => {
    throw new Error('the registry ended before it answered');
  });
  ended.catch(() => undefined);
  await Promise.race([answers(url), ended]);
  process_.stdout.resume();
  return { url, userconfig, stop: () => void process_.kill() };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {string} url */
async function answers(url) {
  for (;;) {
    const response = await fetch(`${url}-/ping`).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
