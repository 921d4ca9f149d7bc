import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Failure, jsonText, UserMistake } from '@galvani/terminal';
import sirv from 'sirv';
import { liesInside } from './inside.js';
import { pathWords, refusal, safeHeaders } from './request-guard.js';
import type { StudyParts } from './study-parts.js';
import type { ViewProblem } from './view-types.js';

const nothing: ViewProblem = { error: 'There is nothing of that name.' };

export interface ServedStudy {
  name: string;
  parts: StudyParts;
}

export interface ViewServer {
  /** `http://127.0.0.1:<port>/` */
  url: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** Folder of the viewer's built page. */
  page: string;
  studies: readonly ServedStudy[];
  /** Default: a free one. */
  port?: number;
}

/**
 * Serves the viewer and the parts of studies on this machine's loopback alone: `data/studies.json` lists studies, `data/<k>/<part>` is a part of the
 * k-th, from 0.
 * @throws UserMistake for a port that is taken
 */
export async function serveView({ page, studies, port = 0 }: ServeOptions): Promise<ViewServer> {
  const files = sirv(page, { etag: true, dotfiles: false });
  const hosts: string[] = [];
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(safeHeaders)) response.setHeader(name, value);
    const refused = refusal(request, hosts);
    if (refused !== undefined) return send(response, 403, { error: refused });
    // The browser has made one path of `a/../b`; whoever sends one as it is gets nothing.
    const words = pathWords((request.url ?? '/').replace(/[?#].*$/, '').slice(1) || 'index.html');
    if (!words) return send(response, 404, nothing);
    if (words[0] === 'data') void answer(request, response, studies, words.slice(1));
    else
      void liesInside(join(page, ...words), page).then((inside) =>
        inside ? files(request, response, () => send(response, 404, nothing)) : send(response, 404, nothing),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new UserMistake(`port ${port} cannot be used (${error.code}): give another, or none for a free one.`)
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const own = (server.address() as AddressInfo).port;
  hosts.push(`127.0.0.1:${own}`, `localhost:${own}`);
  return {
    url: `http://127.0.0.1:${own}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  studies: readonly ServedStudy[],
  [which, ...words]: readonly string[],
): Promise<void> {
  try {
    response.setHeader('Cache-Control', 'no-store');
    if (which === 'studies.json' && words.length === 0)
      return send(
        response,
        200,
        studies.map(({ name }) => name),
      );
    const study = /^\d{1,3}$/.test(which) ? studies[Number(which)] : undefined;
    const body = request.method === 'POST' ? await bodyOf(request) : undefined;
    const part = await study?.parts.part(words, body);
    if (!part) return send(response, 404, nothing);
    response.writeHead(200, { 'Content-Type': part.type, 'Content-Length': part.bytes.byteLength });
    response.end(request.method === 'HEAD' ? undefined : part.bytes);
  } catch (error) {
    if (!(error instanceof Failure || error instanceof UserMistake)) throw error;
    send(response, 500, { error: error.message });
  }
}

/** Bytes of a body beyond which it is refused: more than every unit of a large model takes. */
const mostBody = 64e6;

/** @throws Failure for a body that is too large */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += (piece as Buffer).byteLength;
    if (bytes > mostBody) throw new Failure(`What was sent is larger than ${mostBody} bytes.`);
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = Buffer.from(jsonText(body));
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.byteLength });
  response.end(text);
}
