/** What a file does not say about its modules. */
export interface UnnamedNodes {
  /** Nodes that carry no module's path. */
  nodes: number;
  /** Nodes in all, constants not counted. */
  of: number;
  /** Modules that the file names and of which no tensor is certain to be the output. */
  missing: string[];
}

/** A sentence about it. */
export function describeUnnamed(name: string, { nodes, of, missing }: UnnamedNodes): string {
  const said = `${nodes} of the ${of} nodes of ${name} carry no module's path`;
  if (missing.length === 0) return `${said}.`;
  const more = missing.length > 6 ? ` and ${missing.length - 6} more` : '';
  return `${said}, so that no tensor is certain to be the output of ${missing.slice(0, 6).join(', ')}${more}: they are no sites. An export by torch.onnx.export that no tool has rewritten names every node.`;
}
