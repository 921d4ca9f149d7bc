import type { ServedStudy, ViewServer } from '@galvani/view';
import type { SyntheticStudy } from '../synthetic-study.js';
import { remove, serve, served, viewedStudy } from './viewed-study.js';
import { viewing } from './viewing.js';

/** A browser for the tests of a file, on the study of hostile words; `studies` says what is served of it. */
export function viewingStudy(studies: (study: SyntheticStudy) => ServedStudy[] = (study) => [served(study)]) {
  let study: SyntheticStudy;
  let server: ViewServer;
  const { visit } = viewing(
    async () => {
      study = await viewedStudy();
      server = await serve(...studies(study));
    },
    async () => {
      await server?.close();
      if (study) await remove(study);
    },
  );
  return { visit, url: () => server.url };
}
