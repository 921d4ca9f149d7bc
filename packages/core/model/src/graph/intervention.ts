import type { SiteKind } from '../site.js';

/** What it takes of a graph builder. */
interface Nodes {
  input(name: string, type: 'float32', dims: (string | number)[]): string;
  node(opType: string, inputs: string[], attributes?: Record<string, number>): string;
  shape(dims: number[]): string;
}

/** The graph's inputs of a site that can be intervened on, float32 [batch x width]; of an .onnx file with the dimensions of the tensor. */
export const interventionInputs = (site: string) => ({
  scale: `galvani:scale:${site}`,
  offset: `galvani:offset:${site}`,
});

/**
 * `scale * y + offset`, with a scale and an offset for each row of the batch and unit, the same at all positions. A scale of 1 and an
 * offset of -0 leave every number as it is, bit for bit: x + -0 is x, also where x is 0 or -0.
 */
export function intervene(graph: Nodes, site: string, kind: SiteKind, width: number, value: string): string {
  const names = interventionInputs(site);
  const [scale, offset] = [names.scale, names.offset].map((name) => graph.input(name, 'float32', ['batch', width]));
  const grid = graph.node('Shape', ['input_ids']);
  // The head has the rows that logits are asked for, everything else all positions.
  if (kind === 'head') {
    const positions = graph.node('Gather', [grid, graph.shape([1])], { axis: 0 });
    const row = graph.node('Div', ['head_rows', positions]);
    const of = (input: string) => graph.node('Gather', [input, row], { axis: 0 });
    return graph.node('Add', [graph.node('Mul', [value, of(scale)]), of(offset)]);
  }
  const wide = graph.node('Concat', [grid, graph.shape([width])], { axis: 0 });
  const byRow = graph.node('Reshape', [value, wide]);
  const overPositions = (input: string) => graph.node('Unsqueeze', [input, graph.shape([1])]);
  const changed = graph.node('Add', [graph.node('Mul', [byRow, overPositions(scale)]), overPositions(offset)]);
  return graph.node('Reshape', [changed, graph.shape([-1, width])]);
}
