import { type GraphProto, graphNode, type NodeProto } from '@galvani/onnx';

/** Input with which a merged decoder chooses between its two graphs. */
export const branchInput = 'use_cache_branch';

/**
 * A merged decoder (Optimum) holds two graphs in one `If`: with and without cached keys and values. Tensors inside a branch
 * cannot be outputs, so the branch without cache takes the place of the `If`. Other graphs are returned as they are.
 */
export function withoutCacheBranch(graph: GraphProto): GraphProto {
  if (!graph.input.some(({ name }) => name === branchInput)) return graph;
  const initializer = [...graph.initializer];
  const node = graph.node.flatMap((outer): NodeProto[] => {
    const branch = outer.attribute.find(({ name }) => name === 'else_branch')?.g;
    if (outer.opType !== 'If' || !outer.input.includes(branchInput) || !branch) return [outer];
    initializer.push(...branch.initializer);
    const names = new Map(branch.output.map(({ name }, i) => [name, outer.output[i]]));
    const renamed = (name: string) => names.get(name) ?? name;
    const made = new Set(branch.node.flatMap(({ output }) => output));
    // What the branch passes on from outside keeps its name there, so that it gets a second one.
    const passed = branch.output.filter(({ name }) => !made.has(name));
    const inner = branch.node.map((n) => ({
      ...n,
      input: n.input.map((i) => (made.has(i) ? renamed(i) : i)),
      output: n.output.map(renamed),
    }));
    return [...inner, ...passed.map(({ name }) => graphNode('Identity', [name], [renamed(name)]))];
  });
  return { ...graph, node, initializer };
}
