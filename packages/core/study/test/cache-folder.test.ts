import { isAbsolute } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { cacheFolder } from '../src/index.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('caches outside a workspace lie in the person’s folder, whatever the environment says of it', () => {
  vi.stubEnv('XDG_CACHE_HOME', 'relative');
  for (const home of ['/home/somebody', '']) {
    vi.stubEnv('HOME', home);
    const folder = cacheFolder('/nowhere');
    expect(isAbsolute(folder)).toBe(true);
    expect(folder.startsWith('/home/somebody')).toBe(home !== '');
  }
});
