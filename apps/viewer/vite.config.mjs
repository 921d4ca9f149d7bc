import { defineConfig } from 'vite';

/** The page is one folder of files with relative addresses, which any web server can serve from any place. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: {
    outDir: 'page',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
