import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, UserMistake } from '@galvani/terminal';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fetchFromHub, type HubRequest } from '../../src/hub/fetch-from-hub.js';
import { commit, type Served, startHub, type TestHub } from './hub-server.js';

const token = 'hf_aVerySecretToken';
const weights = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 255));
const model: Served[] = [
  { path: 'config.json', bytes: Buffer.from('{"model_type": "opt"}') },
  { path: 'README.md', bytes: Buffer.from('# A model') },
  { path: 'tokenizer.json', bytes: Buffer.from('{}'), lfs: true },
  { path: 'flax_model.msgpack', bytes: Buffer.from('not needed'), lfs: true },
  { path: 'pytorch_model.bin', bytes: Buffer.from('not needed'), lfs: true },
  { path: 'model.safetensors', bytes: weights, lfs: true },
];

let hub: TestHub;
let cacheDir: string;
let waits: number[];
beforeEach(async () => {
  for (const name of ['HF_TOKEN', 'HF_ENDPOINT', 'HF_HUB_OFFLINE', 'HF_HOME', 'HF_HUB_CACHE']) vi.stubEnv(name, '');
  hub = await startHub(model);
  cacheDir = mkdtempSync(join(tmpdir(), 'galvani-hub-'));
  waits = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  rmSync(cacheDir, { recursive: true });
});

const get = (more: Partial<HubRequest> = {}) =>
  fetchFromHub({
    repo: 'lab/tiny',
    cacheDir,
    endpoint: hub.endpoint,
    sleep: async (ms) => {
      waits.push(ms);
    },
    ...more,
  });
const read = (folder: string, name: string) => readFileSync(join(folder, name));
const blobs = () => readdirSync(join(cacheDir, 'models--lab--tiny', 'blobs'));

describe('a download', () => {
  test('brings what a run needs and nothing else', async () => {
    const { folder, commit: found, licence, notice } = await get();
    expect(found).toBe(commit);
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
    expect(read(folder, 'model.safetensors').equals(weights)).toBe(true);
    expect(read(folder, 'config.json').toString()).toBe('{"model_type": "opt"}');
    expect(licence).toBe('cc-by-nc-4.0');
    expect(notice).toBe(
      'lab/tiny is under CC BY-NC 4.0 (non-commercial use only, with attribution): https://creativecommons.org/licenses/by-nc/4.0/.',
    );
    expect(waits).toEqual([]);
    expect(blobs().filter((name) => name.includes('incomplete'))).toEqual([]);
  });

  test('lies in the cache as huggingface_hub lays it out', async () => {
    const { folder } = await get();
    expect(folder).toBe(join(cacheDir, 'models--lab--tiny', 'snapshots', commit));
    expect(readFileSync(join(cacheDir, 'models--lab--tiny', 'refs', 'main'), 'utf8')).toBe(commit);
    if (process.platform !== 'win32') expect(lstatSync(join(folder, 'model.safetensors')).isSymbolicLink()).toBe(true);
  });

  test('reports progress up to the whole', async () => {
    const seen: number[] = [];
    let total = 0;
    await get({
      onProgress: (p) => {
        seen.push(p.received);
        total = p.total;
      },
    });
    expect(total).toBe(weights.length + 21 + 2);
    expect(seen.at(-1)).toBe(total);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test('of pytorch_model.bin, if there are no safetensors', async () => {
    hub.files = model.filter(({ path }) => path !== 'model.safetensors');
    expect(readdirSync((await get()).folder)).toContain('pytorch_model.bin');
  });

  test('of a model without tokenizer.json brings what its tokenizer is made of', async () => {
    const tokens = ['added_tokens.json', 'special_tokens_map.json'];
    const files = ['merges.txt', 'vocab.json', ...tokens];
    hub.files = [...model, ...files.map((path) => ({ path, bytes: Buffer.from(path) }))];
    expect(readdirSync((await get()).folder).filter((name) => files.includes(name))).toEqual(tokens);
    hub.files = hub.files.filter(({ path }) => path !== 'tokenizer.json');
    rmSync(join(cacheDir, 'models--lab--tiny'), { recursive: true });
    expect(readdirSync((await get()).folder)).toEqual(expect.arrayContaining(files));
  });

  test('of shards brings those that the index names', async () => {
    const index = JSON.stringify({ weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors' } });
    hub.files = [
      model[0],
      { path: 'model.safetensors.index.json', bytes: Buffer.from(index) },
      ...['model-1.safetensors', 'model-2.safetensors', 'model-3.safetensors'].map((path) => ({
        path,
        bytes: Buffer.from(path),
        lfs: true,
      })),
    ];
    const { folder } = await get();
    expect(readdirSync(folder).sort()).toEqual([
      'config.json',
      'model-1.safetensors',
      'model-2.safetensors',
      'model.safetensors.index.json',
    ]);
    hub.files = hub.files.filter(({ path }) => path !== 'model-2.safetensors');
    rmSync(join(cacheDir, 'models--lab--tiny'), { recursive: true });
    await expect(get()).rejects.toThrow(/lacks model-2\.safetensors, which its model\.safetensors\.index\.json names/);
  });

  test.each([
    ['no config.json', ['model.safetensors'], /no config\.json/],
    ['no weights', ['config.json', 'flax_model.msgpack'], /no weights that are read.*flax_model\.msgpack/],
  ])('of a repository with %s is refused', async (_, kept, pattern) => {
    hub.files = model.filter(({ path }) => kept.includes(path));
    await expect(get()).rejects.toThrow(UserMistake);
    await expect(get()).rejects.toThrow(pattern);
  });
});

describe('a second run', () => {
  test('on a commit asks nothing', async () => {
    await get();
    hub.requests.length = 0;
    const again = await get({ revision: commit });
    expect(again.licence).toBe('cc-by-nc-4.0');
    expect(hub.requests).toEqual([]);
  });

  test('on a branch asks for its commit only', async () => {
    await get();
    hub.requests.length = 0;
    await get();
    expect(hub.requests.map(({ path }) => path.split('?')[0])).toEqual(['/api/models/lab/tiny/revision/main']);
  });

  test('fetches again what has gone from the cache, and only that', async () => {
    const { folder } = await get();
    rmSync(join(folder, 'config.json'));
    for (const blob of blobs()) if (blob.length === 40) rmSync(join(cacheDir, 'models--lab--tiny', 'blobs', blob));
    hub.requests.length = 0;
    await get({ revision: commit });
    expect(hub.requests.filter(({ path }) => /resolve|blob/.test(path)).map(({ path }) => path)).toEqual([
      `/lab/tiny/resolve/${commit}/config.json`,
    ]);
  });

  test('does not trust a file of the right size and other bytes', async () => {
    await get();
    const large = join(
      cacheDir,
      'models--lab--tiny',
      'blobs',
      blobs().find((name) => statSync(join(cacheDir, 'models--lab--tiny', 'blobs', name)).size === weights.length)!,
    );
    writeFileSync(large, Buffer.alloc(weights.length));
    rmSync(join(cacheDir, 'models--lab--tiny', 'galvani'), { recursive: true });
    const { folder } = await get();
    expect(read(folder, 'model.safetensors').equals(weights)).toBe(true);
  });
});

describe('offline', () => {
  test('uses what was downloaded, by branch or commit, without the network', async () => {
    const { folder } = await get();
    await hub.close();
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect((await get()).folder).toBe(folder);
    expect((await get({ revision: commit })).folder).toBe(folder);
  });

  test('says what is missing', async () => {
    await expect(get({ offline: true })).rejects.toThrow(UserMistake);
    await expect(get({ offline: true })).rejects.toThrow(/not in the cache, and offline mode is on/);
    expect(hub.requests).toEqual([]);
  });

  test('uses a snapshot that another program downloaded, if it is whole', async () => {
    const root = join(cacheDir, 'models--lab--tiny');
    mkdirSync(join(root, 'refs'), { recursive: true });
    mkdirSync(join(root, 'snapshots', commit), { recursive: true });
    writeFileSync(join(root, 'refs', 'main'), commit);
    writeFileSync(join(root, 'snapshots', commit, 'config.json'), '{}');
    await expect(get({ offline: true })).rejects.toThrow(/not in the cache/);
    writeFileSync(join(root, 'snapshots', commit, 'model.safetensors'), weights);
    expect((await get({ offline: true })).commit).toBe(commit);
  });
});

describe('the token', () => {
  test('goes to the endpoint and never to another host', async () => {
    vi.stubEnv('HF_TOKEN', token);
    await get();
    const sent = (server: string) =>
      new Set(hub.requests.filter((r) => r.server === server).map((r) => r.authorization));
    expect(sent('hub')).toEqual(new Set([`Bearer ${token}`]));
    expect(sent('storage')).toEqual(new Set([undefined]));
  });

  test('is in no message and no file', async () => {
    vi.stubEnv('HF_TOKEN', token);
    for (const status of [401, 403, 404, 418, 429, 500]) {
      hub.trouble.api = (_, response) => {
        response.writeHead(status).end(token);
        return true;
      };
      const error = (await get().catch((e: Error) => e)) as Error;
      expect(`${error.message} ${error.stack} ${JSON.stringify(error.cause)}`).not.toContain(token);
    }
    hub.trouble = {};
    await get();
    const held = readdirSync(cacheDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, path, name } of held)
      expect(readFileSync(join(parentPath ?? path, name)).includes(token)).toBe(false);
  });

  test('is not sent on when a redirect comes back', async () => {
    vi.stubEnv('HF_TOKEN', token);
    hub.files = [...model.slice(0, 1), { path: 'model.safetensors', bytes: weights, lfs: true }];
    hub.trouble.file = (request, response) => {
      if (!request.url!.startsWith('/blob/')) return false;
      response.writeHead(302, { location: `${hub.endpoint}/lab/tiny/resolve/${commit}/elsewhere` }).end();
      return true;
    };
    await expect(get()).rejects.toThrow();
    expect(hub.requests.at(-1)).toMatchObject({ server: 'hub', authorization: undefined });
  });
});

describe('broken transfers', () => {
  /** Sends the first half of what is asked and breaks the connection when some of it has arrived, `times` times. */
  const breakHalfway = (times: number) => {
    let left = times;
    let breakNow = () => {};
    hub.trouble.file = (request, response, bytes) => {
      if (bytes !== weights || left-- <= 0) return false;
      const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      const head = from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {};
      response.writeHead(from > 0 ? 206 : 200, { ...head, 'content-length': bytes.length - from });
      response.write(bytes.subarray(from, Math.ceil((from + bytes.length) / 2)));
      breakNow = () => response.destroy();
      return true;
    };
    return {
      onProgress({ file }: { file: string }) {
        if (file === 'model.safetensors') breakNow();
      },
    };
  };
  const ranges = () => hub.requests.filter(({ path }) => path === '/blob/model.safetensors').map(({ range }) => range);

  test('are resumed where they broke', async () => {
    const { folder } = await get(breakHalfway(2));
    expect(read(folder, 'model.safetensors').equals(weights)).toBe(true);
    expect(ranges()).toEqual([
      undefined,
      expect.stringMatching(/^bytes=[1-9]\d*-$/),
      expect.stringMatching(/^bytes=[1-9]\d*-$/),
    ]);
    const starts = ranges()
      .slice(1)
      .map((range) => Number(/\d+/.exec(range!)![0]));
    expect(starts[1]).toBeGreaterThan(starts[0]);
  });

  test('that never advance end, keep what came, and the next run resumes', async () => {
    const half = breakHalfway(1);
    const once = hub.trouble.file!;
    hub.trouble.file = (request, response, bytes) => {
      if (bytes !== weights || once(request, response, bytes)) return bytes === weights;
      response.destroy();
      return true;
    };
    await expect(get(half)).rejects.toThrow(
      /cannot be reached after 6 attempts|stops at byte \d+ of 300000, 6 times in a row/,
    );
    await expect(get()).rejects.toThrow(Failure);
    expect(waits.length).toBeLessThan(30);
    expect(blobs().filter((name) => name.endsWith('.incomplete')).length).toBe(1);
    hub.trouble = {};
    hub.requests.length = 0;
    const { folder } = await get();
    expect(ranges()).toEqual([expect.stringMatching(/^bytes=[1-9]/)]);
    expect(read(folder, 'model.safetensors').equals(weights)).toBe(true);
  });

  test('that begin and bring nothing end', async () => {
    hub.trouble.file = (_, response, bytes) => {
      if (bytes !== weights) return false;
      // The whole is promised and nothing comes; the connection is closed in order.
      response.writeHead(200, { 'content-length': bytes.length, connection: 'close' });
      response.flushHeaders();
      response.socket!.end();
      return true;
    };
    await expect(get()).rejects.toThrow(
      /stops at byte 0 of 300000, 6 times in a row|cannot be reached after 6 attempts/,
    );
    expect(waits.length).toBeLessThan(40);
  });

  test('start anew where the server ignores ranges', async () => {
    let times = 0;
    hub.trouble.file = (_, response, bytes) => {
      if (bytes !== weights) return false;
      response.writeHead(200, { 'content-length': bytes.length });
      if (times++ === 0) response.write(bytes.subarray(0, 70_000), () => response.destroy());
      else response.end(bytes);
      return true;
    };
    expect(read((await get()).folder, 'model.safetensors').equals(weights)).toBe(true);
  });

  test('of a process that was killed are taken over', async () => {
    const hash = (await get().then(blobs)).find(
      (name) =>
        name.length === 64 && statSync(join(cacheDir, 'models--lab--tiny', 'blobs', name)).size === weights.length,
    )!;
    rmSync(join(cacheDir, 'models--lab--tiny', 'galvani'), { recursive: true });
    const blob = join(cacheDir, 'models--lab--tiny', 'blobs', hash);
    rmSync(blob);
    // No process has this id: Linux ends at 2^22, others earlier.
    writeFileSync(`${blob}.99999999-00000000-0000-0000-0000-000000000000.incomplete`, weights.subarray(0, 200_000));
    hub.requests.length = 0;
    await get();
    expect(hub.requests.find(({ path }) => path === '/blob/model.safetensors')!.range).toBe('bytes=200000-');
    expect(readFileSync(blob).equals(weights)).toBe(true);
  });

  test('a damaged part is thrown away and fetched again', async () => {
    const folder = join(cacheDir, 'models--lab--tiny', 'blobs');
    await get();
    const hash = blobs().find((name) => statSync(join(folder, name)).size === weights.length)!;
    rmSync(join(cacheDir, 'models--lab--tiny', 'galvani'), { recursive: true });
    rmSync(join(folder, hash));
    writeFileSync(join(folder, `${hash}.incomplete`), Buffer.alloc(100_000));
    await get();
    expect(readFileSync(join(folder, hash)).equals(weights)).toBe(true);
  });

  test('a file with the wrong checksum never appears', async () => {
    hub.trouble.file = (_, response, bytes) => {
      if (bytes !== weights) return false;
      response.writeHead(200, { 'content-length': bytes.length }).end(Buffer.alloc(bytes.length));
      return true;
    };
    await expect(get()).rejects.toThrow(/model\.safetensors of lab\/tiny arrived twice with another checksum/);
    const snapshot = join(cacheDir, 'models--lab--tiny', 'snapshots', commit);
    expect(readdirSync(snapshot)).not.toContain('model.safetensors');
    expect(blobs().length).toBe(2);
  });

  test('a file that is longer than listed never appears', async () => {
    hub.trouble.file = (_, response, bytes) => {
      if (bytes !== weights) return false;
      response.writeHead(200).end(Buffer.concat([bytes, Buffer.alloc(1)]));
      return true;
    };
    await expect(get()).rejects.toThrow(/is longer than the 300000 bytes/);
  });

  test('downloads at once share their work and both are whole', async () => {
    const [one, two] = await Promise.all([get(), get({ revision: commit })]);
    expect(one.folder).toBe(two.folder);
    expect(read(one.folder, 'model.safetensors').equals(weights)).toBe(true);
    expect(hub.requests.filter(({ path }) => path === '/blob/model.safetensors').length).toBe(1);
  });

  test('stop when they are told to, and keep what came', async () => {
    const controller = new AbortController();
    const stopped = get({
      signal: controller.signal,
      onProgress: ({ file }) => {
        if (file === 'model.safetensors') controller.abort(new Error('stopped'));
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    expect(blobs().filter((name) => name.includes('incomplete')).length).toBeLessThanOrEqual(1);
    expect(read((await get()).folder, 'model.safetensors').equals(weights)).toBe(true);
  });
});

describe('what the Hub answers', () => {
  const answer = (status: number, times: number, headers: Record<string, string> = {}) => {
    let left = times;
    hub.trouble.api = (_, response) => {
      if (left-- <= 0) return false;
      response.writeHead(status, headers).end('{"error": "no"}');
      return true;
    };
  };

  test.each([408, 429, 500, 502, 503, 504])('%d is tried again, waiting longer each time', async (status) => {
    answer(status, 3);
    await get();
    expect(waits).toEqual([1000, 2000, 4000]);
  });

  test('Retry-After is followed, up to a minute', async () => {
    answer(429, 1, { 'retry-after': '7' });
    await get();
    answer(503, 1, { 'retry-after': '86400' });
    await get();
    expect(waits).toEqual([7000, 60_000]);
  });

  test.each<[number, RegExp]>([
    [429, /limits the rate.*6 attempts.*set HF_TOKEN/],
    [500, /status 500 6 times/],
  ])('%d without end is a failure', async (status, pattern) => {
    answer(status, 1000);
    await expect(get()).rejects.toThrow(Failure);
    expect(waits.length).toBe(5);
    await expect(get()).rejects.toThrow(pattern);
  });

  test.each<[number, string | undefined, RegExp]>([
    [401, undefined, /nobody who is not logged in.*set HF_TOKEN/],
    [401, token, /does not accept the token in HF_TOKEN/],
    [403, token, /accept the model's terms at .*\/lab\/tiny/],
    [404, undefined, /has no lab\/tiny \(revision main\).*check the model's name and its revision/],
  ])('%d (token: %s) is explained and not tried again', async (status, secret, pattern) => {
    answer(status, 1000);
    await expect(get({ token: secret })).rejects.toThrow(UserMistake);
    await expect(get({ token: secret })).rejects.toThrow(pattern);
    expect(waits).toEqual([]);
  });

  test.each([
    ['no JSON', 'hello', /not the Hub's protocol/],
    ['null', 'null', /not the Hub's protocol/],
    ['no commit', '{"id": "lab/tiny"}', /does not say which commit/],
    ['a commit that is a path', '{"id": "lab/tiny", "sha": "../../../etc"}', /does not say which commit/],
  ])('%s is a failure', async (_, text, pattern) => {
    hub.trouble.api = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(text);
      return true;
    };
    await expect(get()).rejects.toThrow(Failure);
    await expect(get()).rejects.toThrow(pattern);
  });

  test('a redirect without end or to a file is not followed', async () => {
    for (const location of [
      `${hub.endpoint}/api/models/lab/tiny/revision/main`,
      'file:///etc/passwd',
      'javascript:1',
    ]) {
      hub.trouble.api = (_, response) => {
        response.writeHead(302, { location }).end();
        return true;
      };
      await expect(get()).rejects.toThrow(/redirects lab\/tiny/);
    }
  });

  test('a server that is not there is a failure with a way out', async () => {
    await hub.close();
    await expect(get()).rejects.toThrow(/cannot be reached after 6 attempts .*HF_HUB_OFFLINE=1/);
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000]);
  });
});

test.each(['../x', 'a/b/c', '/etc', 'a b', '', 'a/..', '..', 'a--b', 'https://huggingface.co/a/b'])(
  'the name %j is no model',
  async (repo) => {
    await expect(get({ repo })).rejects.toThrow(/is not the name of a model/);
    expect(hub.requests).toEqual([]);
  },
);

test.each(['../main', 'a/../b', '/x', '-x', 'x/', ''])('the revision %j is none', async (revision) => {
  await expect(get({ revision })).rejects.toThrow(/is not a revision/);
});

test('HF_ENDPOINT, HF_HOME and HF_HUB_CACHE are respected', async () => {
  vi.stubEnv('HF_ENDPOINT', `${hub.endpoint}/`);
  vi.stubEnv('HF_HOME', cacheDir);
  expect((await get({ endpoint: undefined, cacheDir: undefined })).folder).toContain(
    join(cacheDir, 'hub', 'models--lab--tiny'),
  );
  vi.stubEnv('HF_HUB_CACHE', join(cacheDir, 'elsewhere'));
  expect((await get({ endpoint: undefined, cacheDir: undefined })).folder).toContain(
    join(cacheDir, 'elsewhere', 'models--lab--tiny'),
  );
});

test.each<[Record<string, unknown>, string]>([
  [{ license: 'mit' }, 'lab/tiny is under MIT.'],
  [
    { license: 'other', license_name: 'opt-175b', license_link: 'LICENSE.md' },
    'lab/tiny is under opt-175b: LICENSE.md.',
  ],
  [{}, 'lab/tiny names no licence on its model card: ask its authors before you use or publish it.'],
])('a licence %j is put in words', async (card, sentence) => {
  hub.card = card;
  expect((await get()).notice).toBe(sentence);
});
