import * as ort from 'onnxruntime-node';
import type { Tail } from './familywise-null.js';
import { encodeOperatorGraph, type IntegerConstant, type OperatorNode, type TensorPort } from './operator-graph.js';
import type { RelabellingPlan } from './relabelling-plan.js';
import type { TestSpace } from './test-space.js';

/** Number type of the matrix product. */
export type Precision = 'float32' | 'float64';

/** What to bring back from the product besides each relabelling's extremes. */
export type ProductDetail = 'extremes' | 'exceedances' | 'all';

/** Shares (see UnitResiduals) of a tile of units under every relabelling. */
export interface RelabelledShares {
  /** Largest share over the tile's units, [m]. */
  readonly largest: Float32Array | Float64Array;
  /** Smallest share over the tile's units, [m]. */
  readonly smallest: Float32Array | Float64Array;
  /** How many relabellings reach each unit's limit, [tile]; with 'exceedances'. */
  readonly exceedances?: Float32Array | Float64Array;
  /** Every share, [m x tile] row-major; with 'all'. */
  readonly shares?: Float32Array | Float64Array;
}

/** Computes the statistics of all relabellings for tiles of units. */
export interface RelabelledProduct {
  /** How far a share may be off by rounding: shares closer than this count as equal. */
  readonly tolerance: number;
  /**
   * @param residuals [B x tile], each column of length 1
   * @param limits [tile], for 'exceedances': the extremeness (|share|, share or -share by tail) that counts when reached
   */
  run(residuals: Float64Array, tile: number, limits?: Float64Array): Promise<RelabelledShares>;
}

/**
 * The matrix product at the heart of the test, run by onnxruntime, with its reductions in the same graph, so that a tile
 * of units gives back a number per relabelling instead of one per relabelling and unit.
 *
 * With u the tested regressor and P a relabelling, the relabelled residuals P'e have the share (u . P'e) / |M P'e|, where M
 * removes the nuisance space: a row Pu of the left matrix times each unit's residuals e. For F the squares are summed over
 * regressors. |M P'e| is 1 when the nuisance is run intercepts alone, which relabelling inside runs does not disturb;
 * otherwise (Freedman and Lane) a second product gives it.
 * Freedman, D. & Lane, D. (1983). J. Bus. Econ. Statist. 1, 292-298; Winkler, A. et al. (2014). NeuroImage 92, 381-397.
 */
export function relabelledProduct(
  plan: RelabellingPlan,
  space: TestSpace,
  options: { precision: Precision; detail: ProductDetail; tail: Tail },
): RelabelledProduct {
  const { precision, detail, tail } = options;
  const one = space.interest.length === 1;
  const freedmanLane = space.disturbed.length > 0;
  const form = { precision, detail, tail, one, freedmanLane };
  const shape = [plan.count, plan.rows];
  const regressors = relabelled(plan, space.interest);
  const fixed: Record<string, ort.Tensor> = {
    regressors: tensor(regressors, one ? shape : [space.interest.length, ...shape], precision),
  };
  if (freedmanLane) {
    fixed.disturbed = tensor(relabelled(plan, space.disturbed), [space.disturbed.length, ...shape], precision);
    fixed.one = tensor(Float64Array.of(1), [], precision);
    fixed.least = tensor(Float64Array.of(1e-6), [], precision);
  }
  // The inner product of two unit vectors of length B is off by at most (B + 2) roundings (Higham 2002, section 3.1), two of
  // which stand for storing the factors; the division and the squares of the longer forms at most triple that. In float64 the
  // residuals' own rounding counts for more, so ties are judged at 1e-11.
  const tolerance = precision === 'float64' ? 1e-11 : (one && !freedmanLane ? 1 : 4) * (plan.rows + 4) * 2 ** -24;
  return {
    tolerance,
    async run(residuals, tile, limits) {
      const feeds = { ...fixed, residuals: tensor(residuals, [plan.rows, tile], precision) };
      const session = await sessionFor(form);
      const out = await session.run(limits ? { ...feeds, limits: tensor(limits, [tile], precision) } : feeds);
      const data = (name: string) => out[name].data as Float32Array | Float64Array;
      return {
        largest: data('largest'),
        smallest: data('smallest'),
        ...(detail === 'exceedances' && { exceedances: data('exceedances') }),
        ...(detail === 'all' && { shares: data('shares') }),
      };
    },
  };
}

/** What a graph depends on: everything but the sizes. */
interface ProductForm {
  readonly precision: Precision;
  readonly detail: ProductDetail;
  readonly tail: Tail;
  /** Whether one regressor is tested (t), not several (F). */
  readonly one: boolean;
  readonly freedmanLane: boolean;
}

/** Sessions by their form: there are a few forms, and making a session takes longer than a small test. */
const sessions = new Map<string, Promise<ort.InferenceSession>>();

function sessionFor(form: ProductForm): Promise<ort.InferenceSession> {
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

/** The vectors with their rows relabelled, [vectors x m x B]. */
function relabelled(plan: RelabellingPlan, vectors: readonly Float64Array[]): Float64Array {
  const size = plan.count * plan.rows;
  const all = new Float64Array(vectors.length * size);
  vectors.forEach((vector, k) => {
    for (let at = 0; at < size; at++) all[k * size + at] = vector[plan.source[at]] * (plan.signs?.[at] ?? 1);
  });
  return all;
}

function tensor(values: Float64Array, shape: number[], precision: Precision): ort.Tensor {
  return precision === 'float64'
    ? new ort.Tensor('float64', values, shape)
    : new ort.Tensor('float32', new Float32Array(values), shape);
}
