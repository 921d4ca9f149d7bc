import { createRequire } from 'node:module';

/**
 * galvani's version, which manifests carry: that of this package, as its package.json says. All packages are released under one
 * version. The file lies above `src` as above `dist`; whoever bundles galvani puts a constant in place of this module.
 */
export const galvaniVersion: string = createRequire(import.meta.url)('../package.json').version;
