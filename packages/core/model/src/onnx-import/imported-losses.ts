import { UserMistake } from '@galvani/terminal';
import { type CopyReader, lossesUnder } from '../forward/losses.js';
import type { LossSubject, LossSubjectOptions } from '../loss-subject.js';
import { openModelTokenizer } from '../model-files.js';
import { textFeeds } from './imported-inputs.js';
import { examineImported } from './imported-model.js';
import { floatsOf, runImported } from './imported-session.js';
import { changeableSites, nameOf } from './imported-subject.js';
import { openTapped } from './tap-check.js';
import { targetsInput, targetsOutput } from './tap-graph.js';
import { activationFeeds, changeFeeds, placesOf, targetFeed } from './tapped-run.js';

/** Opens somebody else's ONNX file, edited so that it gives the log probabilities of given tokens. */
export async function openImportedLosses(path: string, options: LossSubjectOptions): Promise<LossSubject> {
  const imported = await examineImported(path, options.device, options.threads);
  const { ports, vocabularySize, companions, logits, readOnly } = imported;
  const name = nameOf(path);
  if (!logits) throw new UserMistake(`${name} gives no logits of the next token, so it predicts no text: ${readOnly}.`);
  const intervened = options.interventions ? changeableSites(imported, options.interventions) : [];
  const { session } = await openTapped(imported, { sites: [], intervened, targets: true }, options);
  const { contextLength } = companions;
  const reader: CopyReader = {
    intervened,
    vocabularySize,
    contextLength,
    mostCopies: ports.mostRows,
    async read(text, copies, interventions, first) {
      const texts = Array<Int32Array>(copies).fill(text);
      const rows = Array.from(texts, (_, copy) => first + copy);
      const asked = Array.from({ length: text.length - 1 }, (_, position) => position);
      const following = texts.map((own) => own.subarray(1));
      const feeds = {
        ...activationFeeds(session, textFeeds(ports, texts, 0), text.length, placesOf(copies, asked)),
        ...changeFeeds(intervened, interventions, rows),
        [targetsInput]: targetFeed(following),
      };
      return floatsOf((await runImported(session, feeds, [targetsOutput], path))[targetsOutput]);
    },
  };
  return {
    name,
    intervened,
    contextLength,
    tokenizer: await openModelTokenizer(path),
    losses: (request) => lossesUnder(reader, request),
    release: () => session.release(),
  };
}
