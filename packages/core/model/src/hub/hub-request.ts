import { Failure, UserMistake } from '@galvani/terminal';

/** Where the Hub is and who asks. */
export interface HubAccess {
  /** As `https://huggingface.co`, without a slash at the end. */
  endpoint: string;
  /** Sent to the endpoint alone, never shown. */
  token?: string;
  /** The model that is asked for, for messages. */
  repo: string;
  revision: string;
  signal?: AbortSignal;
  /** Waits between two attempts; injected by tests. */
  sleep: (milliseconds: number) => Promise<void>;
}

/** Attempts at one request. */
export const attempts = 6;
/** Longest wait between two attempts, whatever the server asks for, in ms. */
const longestWait = 60_000;
const mostRedirects = 5;

/** Wait before the attempt after `attempt` (0, 1, …) in ms: 1, 2, 4, 8, 16 s, or what the server asks for. */
export function waitBefore(attempt: number, retryAfter?: string | null): number {
  const asked = retryAfter ? Number(retryAfter) * 1000 || Date.parse(retryAfter) - Date.now() : Number.NaN;
  const wait = Number.isFinite(asked) ? Math.max(0, asked) : 1000 * 2 ** attempt;
  return Math.min(wait, longestWait);
}

/**
 * One GET from the Hub: redirects are followed without carrying the token to another host, busy servers and broken
 * connections are tried again, and what cannot work is a sentence. The answer is 200 or 206, or 416 if a range was asked for.
 */
export async function hubGet(
  access: HubAccess,
  url: string,
  headers: Record<string, string> = {},
): Promise<Response & { body: NonNullable<Response['body']> }> {
  for (let attempt = 0; ; attempt++) {
    let response: Response | undefined;
    let broken: unknown;
    try {
      response = await follow(access, url, headers);
    } catch (error) {
      if (error instanceof UserMistake || error instanceof Failure) throw error;
      access.signal?.throwIfAborted();
      broken = error;
    }
    if (response && (response.ok || (response.status === 416 && headers.range)) && response.body)
      return response as Response & { body: NonNullable<Response['body']> };
    await response?.body?.cancel();
    const passing = !response || response.status === 408 || response.status === 429 || response.status >= 500;
    if (!passing || attempt + 1 === attempts) throw explainStatus(access, url, response?.status, broken);
    await access.sleep(waitBefore(attempt, response?.headers.get('retry-after')));
  }
}

async function follow(access: HubAccess, url: string, headers: Record<string, string>): Promise<Response> {
  const home = new URL(access.endpoint).origin;
  let target = new URL(url);
  let trusted = true;
  for (let hop = 0; hop <= mostRedirects; hop++) {
    // Once a redirect has left the endpoint, nothing later in the chain gets the token either.
    trusted &&= target.origin === home;
    // Bytes as they are: a compressed answer would not match its length or a range.
    const all: Record<string, string> = { 'user-agent': 'galvani', 'accept-encoding': 'identity', ...headers };
    if (access.token && trusted) all.authorization = `Bearer ${access.token}`;
    const response = await fetch(target, { redirect: 'manual', signal: access.signal, headers: all });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || !location) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, target.href) ? new URL(location, target) : undefined;
    if (
      !next ||
      !['http:', 'https:'].includes(next.protocol) ||
      (target.protocol === 'https:' && next.protocol === 'http:')
    )
      throw new Failure(
        `${home} redirects ${access.repo} to an address that is not followed: ${location.slice(0, 200)}.`,
      );
    target = next;
  }
  throw new Failure(`${home} redirects ${access.repo} more than ${mostRedirects} times.`);
}

function explainStatus(access: HubAccess, url: string, status: number | undefined, broken: unknown): Error {
  const { endpoint, repo, revision, token } = access;
  const model = `${repo} (revision ${revision})`;
  const cause = { cause: broken };
  if (status === undefined) {
    const reason = ((broken as Error)?.cause as Error | undefined)?.message || (broken as Error)?.message;
    return new Failure(
      `${endpoint} cannot be reached after ${attempts} attempts (${reason}). With HF_HUB_OFFLINE=1 only what was downloaded before is used.`,
      cause,
    );
  }
  if (status === 401)
    return new UserMistake(
      token
        ? `${endpoint} does not accept the token in HF_TOKEN for ${model}: check that it is valid and that the name is right.`
        : `${endpoint} shows ${model} to nobody who is not logged in: the name is wrong, or the model is private or gated. For the latter set HF_TOKEN to a token from ${endpoint}/settings/tokens.`,
    );
  if (status === 403)
    return new UserMistake(
      `${endpoint} refuses ${model}: accept the model's terms at ${endpoint}/${repo} and set HF_TOKEN to a token of that account.`,
    );
  if (status === 404)
    return new UserMistake(
      `${endpoint} has no ${model}, or not this file of it (${new URL(url).pathname}): check the model's name and its revision (a branch, a tag or a commit).`,
    );
  if (status === 429)
    return new Failure(
      `${endpoint} limits the rate of requests and still does after ${attempts} attempts. Try again later${token ? '' : ', or set HF_TOKEN, which raises the limit'}.`,
    );
  return new Failure(
    `${endpoint} answered ${model} with status ${status}${status >= 500 ? ` ${attempts} times` : ''}.`,
  );
}
