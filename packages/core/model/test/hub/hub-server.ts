import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const commit = '0123456789abcdef0123456789abcdef01234567';

export interface Served {
  path: string;
  bytes: Buffer;
  /** Stored in LFS: listed by SHA-256 and served by the second server after a redirect. */
  lfs?: boolean;
}

/** What a test lets go wrong. Each is asked before the server answers as it should, and may answer itself (true). */
export interface Trouble {
  api?(request: IncomingMessage, response: ServerResponse): boolean;
  file?(request: IncomingMessage, response: ServerResponse, bytes: Buffer): boolean;
}

export interface TestHub {
  endpoint: string;
  /** Everything that was asked: method, address, range and authorization. */
  requests: { server: 'hub' | 'storage'; path: string; range?: string; authorization?: string }[];
  trouble: Trouble;
  files: Served[];
  card: Record<string, unknown>;
  close(): Promise<void>;
}

/**
 * A local server that speaks the Hub's protocol for the model `lab/tiny`: api/models/…/revision, api/models/…/tree in pages,
 * and resolve, which redirects large files to another port, with ETag, X-Linked-Etag and X-Repo-Commit.
 */
export async function startHub(files: Served[]): Promise<TestHub> {
  const hub: TestHub = {
    endpoint: '',
    requests: [],
    trouble: {},
    files,
    card: { license: 'cc-by-nc-4.0' },
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  const note = (server: 'hub' | 'storage', { url, headers }: IncomingMessage) =>
    hub.requests.push({ server, path: url!, range: headers.range, authorization: headers.authorization });

  const sendFile = (request: IncomingMessage, response: ServerResponse, bytes: Buffer) => {
    if (hub.trouble.file?.(request, response, bytes)) return;
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
    if (from >= bytes.length) response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    else if (from >= 0) {
      response.writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
      response.end(bytes.subarray(from));
    } else response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  };

  const storage = createServer((request, response) => {
    note('storage', request);
    const file = hub.files.find(({ path }) => request.url === `/blob/${path}`);
    if (file) sendFile(request, response, file.bytes);
    else response.writeHead(404).end();
  });
  const main = createServer((request, response) => {
    note('hub', request);
    const url = new URL(request.url!, hub.endpoint);
    if (url.pathname.startsWith('/api/') && hub.trouble.api?.(request, response)) return;
    if (
      url.pathname === '/api/models/lab/tiny/revision/main' ||
      url.pathname === `/api/models/lab/tiny/revision/${commit}`
    )
      return json(response, {
        _id: '1',
        id: 'lab/tiny',
        sha: commit,
        cardData: hub.card,
        tags: [],
        lastModified: '2023-11-20T00:00:00.000Z',
      });
    if (url.pathname === `/api/models/lab/tiny/tree/${commit}`) {
      const page = Number(url.searchParams.get('cursor') ?? 0);
      const more = page + 2 < hub.files.length;
      const next = `<${hub.endpoint}${url.pathname}?cursor=${page + 2}>; rel="next"`;
      return json(response, hub.files.slice(page, page + 2).map(listed), more ? { link: next } : {});
    }
    const path = url.pathname.startsWith(`/lab/tiny/resolve/${commit}/`) ? url.pathname.split('/').at(-1) : undefined;
    const file = hub.files.find((f) => f.path === path);
    if (!file)
      return response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Entry not found"}');
    const headers = { 'x-repo-commit': commit, etag: `"${gitHash(file.bytes)}"` };
    if (!file.lfs) {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      return sendFile(request, response, file.bytes);
    }
    const location = `http://127.0.0.1:${(storage.address() as AddressInfo).port}/blob/${file.path}`;
    response.writeHead(302, { ...headers, 'x-linked-etag': `"${sha256(file.bytes)}"`, location }).end();
  });
  const servers = [main, storage];
  await Promise.all(servers.map(listen));
  hub.endpoint = `http://127.0.0.1:${(main.address() as AddressInfo).port}`;
  return hub;
}

const listen = (server: Server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

function json(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

function listed({ path, bytes, lfs }: Served) {
  const pointer = { oid: sha256(bytes), size: bytes.length, pointerSize: 134 };
  return { type: 'file', path, size: bytes.length, oid: gitHash(bytes), ...(lfs ? { lfs: pointer } : {}) };
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const gitHash = (bytes: Buffer) => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
