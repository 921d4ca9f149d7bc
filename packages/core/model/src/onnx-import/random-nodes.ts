import { asNumber, type GraphProto, type ModelProto, type NodeProto, type TensorProto } from '@galvani/onnx';
import { subgraphs } from './graph-flow.js';

const drawing = new Set(
  'RandomNormal RandomNormalLike RandomUniform RandomUniformLike Multinomial Bernoulli'.split(' '),
);

/** Where a dropout has its ratio and its switch among its inputs. */
const dropouts: Record<string, { ratio: number; training: number }> = {
  Dropout: { ratio: 1, training: 2 },
  BitmaskDropout: { ratio: 1, training: 2 },
  BiasDropout: { ratio: 3, training: 4 },
  BitmaskBiasDropout: { ratio: 3, training: 4 },
};

/**
 * The nodes that give other numbers each time the model is run, as their names or, without one, their operators and outputs:
 * those that draw at random, and dropouts that are switched on. Those of subgraphs and of the file's own functions count.
 */
export function randomNodes(model: ModelProto): string[] {
  const opset = Math.max(
    ...model.opsetImport
      .filter(({ domain }) => !domain || domain === 'ai.onnx')
      .map(({ version }) => asNumber(version)),
  );
  const found: string[] = [];
  const visit = (nodes: readonly NodeProto[], known: Constants) => {
    for (const node of nodes) {
      if (isLive(node, opset, known)) found.push(node.name || `${node.opType} that makes ${node.output[0]}`);
      for (const inner of subgraphs(node)) visit(inner.node, constantsOf(inner, known));
    }
  };
  visit(model.graph.node, constantsOf(model.graph, { values: new Map(), open: true }));
  // What a function's inputs are only its calls say: a switch that is not set inside it is taken for off.
  for (const { node } of model.functions ?? [])
    visit(node, constantsOf({ node, initializer: [] }, { values: new Map(), open: false }));
  return found;
}

interface Constants {
  values: ReadonlyMap<string, number>;
  /** Whether a switch of unknown value counts as switched on. */
  open: boolean;
}

function isLive({ opType, input, attribute }: NodeProto, opset: number, { values, open }: Constants): boolean {
  if (drawing.has(opType)) return true;
  const flag = (name: string) => asNumber(attribute.find((each) => each.name === name)?.i);
  // It would take the average of the prompts that happen to be in a batch.
  if (opType === 'BatchNormalization') return flag('training_mode') !== 0;
  if (!Object.hasOwn(dropouts, opType)) return false;
  const place = dropouts[opType];
  if (opType === 'Dropout' && opset < 7) return flag('is_test') === 0;
  const [ratio, training] = [input[place.ratio], input[place.training]];
  if (!training || (ratio && values.get(ratio) === 0)) return false;
  return values.has(training) ? values.get(training) !== 0 : open;
}

/** Numbers that stand alone in a graph, by the names of their tensors. */
function constantsOf(graph: Pick<GraphProto, 'node' | 'initializer'>, around: Constants): Constants {
  const values = new Map(around.values);
  const keep = (name: string | undefined, value: number | undefined) => {
    if (name && value !== undefined) values.set(name, value);
  };
  for (const tensor of graph.initializer) keep(tensor.name, loneNumber(tensor));
  for (const { opType, input, output, attribute } of graph.node) {
    if (opType === 'Constant')
      for (const { t, i, f, name } of attribute)
        keep(
          output[0],
          t ? loneNumber(t) : name === 'value_int' ? asNumber(i) : name === 'value_float' ? f : undefined,
        );
    if (opType === 'Identity' || opType === 'Cast') keep(output[0], values.get(input[0]));
  }
  return { values, open: around.open };
}

/** The number of a tensor that holds one; whether it is zero is what matters. */
function loneNumber(tensor: TensorProto): number | undefined {
  if (tensor.dims.reduce<number>((size, dim) => size * asNumber(dim), 1) !== 1) return undefined;
  const { rawData, floatData, int32Data, int64Data } = tensor;
  if (rawData && rawData.length > 0) return rawData.every((byte) => byte === 0) ? 0 : 1;
  if (tensor.dataLocation === 1) return undefined;
  return floatData?.[0] ?? int32Data?.[0] ?? (int64Data && int64Data.length > 0 ? asNumber(int64Data[0]) : undefined);
}
