import type { ImportedGenerator } from '../../src/onnx-import/imported-generator.js';
import { examineImported } from '../../src/onnx-import/imported-model.js';
import { packsCache } from '../../src/onnx-import/padding-check.js';
import { openTapped } from '../../src/onnx-import/tap-check.js';
import { fixture } from './exported-file.js';

/** A fixture's tapped graph with all of its sites, on one thread. */
export async function generatorOf(name: string): Promise<ImportedGenerator> {
  const path = fixture(name);
  const { sites, ports, vocabularySize, readOnly, companions, ...imported } = await examineImported(path, 'cpu', 1);
  const whole = { ...imported, sites, ports, vocabularySize, readOnly, companions };
  const readout = imported.logits && vocabularySize;
  const { session } = await openTapped(whole, { sites, readout }, { threads: 1 });
  const { contextLength } = companions;
  const packed = packsCache(imported.model.graph, ports);
  return {
    ...{ path, session, sites, intervened: [], ports, vocabularySize, contextLength, readOnly },
    ...{ packsCache: packed, growth: {} },
  };
}
