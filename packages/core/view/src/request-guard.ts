import type { IncomingMessage } from 'node:http';

/**
 * Why a request is refused; undefined if it is not. Only pages of this server may ask, by one of its own names: a page elsewhere whose name was made
 * to resolve to this machine (DNS rebinding) sends another Host, and one that asks from elsewhere another Origin.
 *
 * @param hosts names with port, `127.0.0.1:8080`
 */
export function refusal({ method, headers }: IncomingMessage, hosts: readonly string[]): string | undefined {
  const { host, origin, 'sec-fetch-site': site } = headers;
  if (host === undefined || !hosts.includes(host)) return 'This server answers to its own address alone.';
  if (origin !== undefined && !hosts.some((each) => origin === `http://${each}`))
    return 'This server answers its own pages alone.';
  // Somebody who types or follows an address sends 'none' or, from another page, navigates; what a page loads is of the same origin.
  if (site !== undefined && !['same-origin', 'none'].includes(site) && headers['sec-fetch-mode'] !== 'navigate')
    return 'This server answers its own pages alone.';
  if (!['GET', 'HEAD', 'POST'].includes(method ?? '')) return 'This server is asked with GET, HEAD or POST.';
  // A form of another page sends no Origin only where its browser is old.
  if (method === 'POST' && origin === undefined) return 'This server does what its own pages ask for alone.';
  return undefined;
}

/** The words of a path. Undefined for what nothing is called: words that are empty, lead elsewhere, or are written in percent, which no part needs. */
export function pathWords(path: string): string[] | undefined {
  const words = path.split('/');
  return words.every((word) => /^[\w.~!'()*-]+$/.test(word) && !/^\.+$/.test(word)) ? words : undefined;
}

/** Sent with everything: nothing of the page comes from elsewhere, nothing may frame it, no browser guesses what a file is. */
export const safeHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
} as const;
