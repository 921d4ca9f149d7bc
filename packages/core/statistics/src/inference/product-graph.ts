import {
  type Dimension,
  elementType,
  encodeModel,
  graphNode,
  InferenceSession,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  valueInfo,
} from '@galvani/onnx';
import type { Tail } from './familywise-null.js';
import type { Precision } from './row-products.js';

/** What to bring back from the product besides each permutation's extremes. */
export type ProductDetail = 'extremes' | 'exceedances' | 'all';

/** What a graph depends on: everything but the sizes. */
export interface ProductForm {
  readonly precision: Precision;
  readonly detail: ProductDetail;
  readonly tail: Tail;
  /** Whether one regressor is tested (t), not several (F). */
  readonly one: boolean;
  readonly freedmanLane: boolean;
}

/** Sessions by their form: there are a few forms, and making a session takes longer than a small test. */
const sessions = new Map<string, Promise<InferenceSession>>();

/** The session of a form, made when first asked for. */
export function sessionFor(form: ProductForm): Promise<InferenceSession> {
  const key = JSON.stringify(form);
  let session = sessions.get(key);
  if (!session) {
    session = InferenceSession.create(encodeModel(productGraph(form)), {
      logSeverityLevel: 3,
      // Threads that wait for work by spinning slow down small tests on a busy machine and gain nothing on large ones.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    sessions.set(key, session);
  }
  return session;
}

function productGraph({ precision: type, detail, tail, one, freedmanLane }: ProductForm): ModelProto {
  const port = (name: string, ...dims: Dimension[]) => valueInfo(name, type, dims);
  const axis = (name: string, i: number): TensorProto => ({
    name,
    dims: [1],
    dataType: elementType.int64,
    int64Data: [i],
  });
  const node: NodeProto[] = [];
  const add = (operator: string, inputs: string[], output: string, attributes?: Record<string, number>) => {
    node.push(graphNode(operator, inputs, [output], attributes));
    return output;
  };
  const flat = { keepdims: 0 };
  // [k, m, B] x [B, tile]: for one regressor [m, B] x [B, tile] is the faster product.
  const along = add('MatMul', ['regressors', 'residuals'], one && !freedmanLane ? 'shares' : 'along');
  const explained = one ? along : add('ReduceSumSquare', [along, 'first'], freedmanLane ? 'explained' : 'shares', flat);
  if (freedmanLane) {
    const lost = add('ReduceSumSquare', [add('MatMul', ['disturbed', 'residuals'], 'off'), 'first'], 'lost', flat);
    const left = add('Max', [add('Sub', ['one', lost], 'left'), 'least'], 'kept');
    add('Div', [explained, one ? add('Sqrt', [left], 'length') : left], 'shares');
  }
  add('ReduceMax', ['shares', 'last'], 'largest', flat);
  add('ReduceMin', ['shares', 'last'], 'smallest', flat);
  if (detail === 'exceedances') {
    const turned = { two: 'Abs', less: 'Neg', greater: undefined }[tail];
    const sized = turned ? add(turned, ['shares'], 'sizes') : 'shares';
    const reached = add('Cast', [add('GreaterOrEqual', [sized, 'limits'], 'reached')], 'counted', {
      to: elementType[type],
    });
    add('ReduceSum', [reached, 'first'], 'exceedances', flat);
  }
  return {
    irVersion: 8,
    opsetImport: [{ version: 18 }],
    graph: {
      name: 'galvani',
      node,
      initializer: [axis('first', 0), axis('last', 1)],
      input: [
        one ? port('regressors', 'm', 'B') : port('regressors', 'k', 'm', 'B'),
        port('residuals', 'B', 'tile'),
        ...(freedmanLane ? [port('disturbed', 'q', 'm', 'B'), port('one'), port('least')] : []),
        ...(detail === 'exceedances' ? [port('limits', 'tile')] : []),
      ],
      output: [
        port('largest', 'm'),
        port('smallest', 'm'),
        ...(detail === 'exceedances' ? [port('exceedances', 'tile')] : []),
        ...(detail === 'all' ? [port('shares', 'm', 'tile')] : []),
      ],
      valueInfo: [],
    },
  };
}
