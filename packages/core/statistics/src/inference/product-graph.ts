import * as ort from '@galvani/onnx';
import type { Tail } from './familywise-null.js';
import { encodeOperatorGraph, type IntegerConstant, type OperatorNode, type TensorPort } from './operator-graph.js';

/** Number type of the matrix product. */
export type Precision = 'float32' | 'float64';

/** What to bring back from the product besides each relabelling's extremes. */
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
const sessions = new Map<string, Promise<ort.InferenceSession>>();

/** The session of a form, made when first asked for. */
export function sessionFor(form: ProductForm): Promise<ort.InferenceSession> {
  const key = JSON.stringify(form);
  let session = sessions.get(key);
  if (!session) {
    session = ort.InferenceSession.create(encodeOperatorGraph(productGraph(form)), {
      logSeverityLevel: 3,
      // Threads that wait for work by spinning slow down small tests on a busy machine and gain nothing on large ones.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    sessions.set(key, session);
  }
  return session;
}

function productGraph({ precision: type, detail, tail, one, freedmanLane }: ProductForm) {
  const port = (name: string, ...dimensions: (number | string)[]): TensorPort => ({ name, type, dimensions });
  const axes: IntegerConstant[] = [
    { name: 'first', values: [0] },
    { name: 'last', values: [1] },
  ];
  const nodes: OperatorNode[] = [];
  const add = (operator: string, inputs: string[], output: string, integers?: Record<string, number>) => {
    nodes.push({ operator, inputs, outputs: [output], integers });
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
      to: type === 'float32' ? 1 : 11,
    });
    add('ReduceSum', [reached, 'first'], 'exceedances', flat);
  }
  return {
    nodes,
    constants: axes,
    inputs: [
      one ? port('regressors', 'm', 'B') : port('regressors', 'k', 'm', 'B'),
      port('residuals', 'B', 'tile'),
      ...(freedmanLane ? [port('disturbed', 'q', 'm', 'B'), port('one'), port('least')] : []),
      ...(detail === 'exceedances' ? [port('limits', 'tile')] : []),
    ],
    outputs: [
      port('largest', 'm'),
      port('smallest', 'm'),
      ...(detail === 'exceedances' ? [port('exceedances', 'tile')] : []),
      ...(detail === 'all' ? [port('shares', 'm', 'tile')] : []),
    ],
  };
}
