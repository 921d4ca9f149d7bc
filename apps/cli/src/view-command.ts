import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { studyFolder } from '@galvani/study';
import { answer, Failure, formatBytes, interruptible, note, outputMode, UserMistake } from '@galvani/terminal';
import { Command } from 'commander';
import { liveStudy } from './live-study.js';
import { wholeNumber } from './number-option.js';
import { derivativesDefault, findStudy } from './study-argument.js';

interface ViewOptions {
  port?: number;
  open: boolean;
  static?: string;
  members: number;
  derivatives?: string;
}

const about = `
The page and the studies' files are served on this machine's loopback alone, at a port of its own, until Ctrl-C. Several studies are shown side by
side. What stages write while the page is open is shown when it is there.`;

/** Studies in a browser. */
export function viewCommand(): Command {
  return new Command('view')
    .description('look at a study in the browser: maps, time courses and networks, on what is on disk')
    .argument('[study...]', 'study.yaml of a study, or the folder that holds it', ['pipelines/default'])
    .option('--port <number>', 'the port (default: a free one)', wholeNumber(0, 65_535))
    .option('--no-open', 'print the address and open no browser')
    .option('--static <folder>', 'write a folder for any web server, and serve nothing')
    .option(
      '--members <number>',
      'with --static: members of each network whose activity is written, the strongest',
      wholeNumber(0),
      100,
    )
    .option('--derivatives <folder>', `the study's derivatives (${derivativesDefault})`)
    .addHelpText('after', about)
    .action(async (named: string[], { port, open, derivatives, static: out, members }: ViewOptions) => {
      const { readAhead, serveView, studyParts, writeView } = await import('@galvani/view');
      if (out === undefined && outputMode().json)
        throw new UserMistake(
          'view serves until it is ended, so it has no result for --json; with --static FOLDER it has.',
        );
      const page = pageFolder();
      if (out !== undefined && existsSync(out))
        throw new UserMistake(`--static ${out} is there already: name a folder that is not, or delete it.`);
      await interruptible(async (signal) => {
        const studies = [];
        for (const each of named) {
          const { path, root, derivatives: place } = await findStudy(each, derivatives);
          const name = basename(dirname(resolve(path)));
          const folder = studyFolder(place, root);
          studies.push({
            name,
            parts: studyParts({ folder, name, ...(out === undefined && { live: liveStudy(folder, root, signal) }) }),
          });
        }
        if (out !== undefined) {
          const bytes = await writeView({ page, studies, out, members, signal });
          answer(`${out}: ${formatBytes(bytes)} beside the page; open it through a web server`, {
            ...{ folder: resolve(out), bytes },
          });
          return;
        }
        void readAhead(studies[0]);
        const server = await serveView({ page, studies, port });
        answer(server.url);
        note('view: Ctrl-C ends it');
        if (open) await openBrowser(server.url);
        await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
        await server.close();
      });
    });
}

/** Where the built page lies. @throws Failure where it was not built, as in a fresh clone */
function pageFolder(): string {
  const page = fileURLToPath(import.meta.resolve('@galvani/viewer'));
  if (!existsSync(page)) throw new Failure(`the viewer's page ${page} was not built: run npm run build.`);
  return dirname(page);
}

/** Opens the address where there is a screen; where that fails, the person has the address. */
async function openBrowser(url: string): Promise<void> {
  const { DISPLAY, WAYLAND_DISPLAY, CI } = process.env;
  if (CI || (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY)) return;
  const { default: openAddress } = await import('open');
  const child = await openAddress(url).catch(() => undefined);
  child?.on('error', () => undefined);
}
