import { type ArmaPlace, armaNewton } from './arma-newton.js';
import { armaPanel, type PanelCriterion, panelOffsets, panelWidth } from './arma-panel.js';
import type { ArmaProblem } from './arma-problem.js';
import { armaProfiles, type Lowest } from './arma-profile.js';
import { armaScales } from './arma-scales.js';

/** Numbers of forms that are held at a time while panels are searched. */
const heldNumbers = 2 ** 20;

/** Step of the grid of ma in nodes. */
const gridStep = 2;

/** A place to refine: a unit, ar and a node of ma. */
interface Candidate {
  unit: number;
  side: 0 | 1;
  node: number;
  lowest: Lowest;
}

/**
 * The REML optimum in (ar, ma) of each unit.
 *
 * 1. A grid of ma, at each the best ar on both sides of white noise (ar = -ma, where neither is identified).
 * 2. About the local minima and all low points of these two profiles, the same at half the grid's step.
 * 3. About each that may become the lowest, a panel of ma in which the criterion is known everywhere; Newton's method there, and
 *    in the next panel where it ends at a border.
 *
 * Where nothing is likelier than white noise both are 0. A unit's estimates depend on no other unit's.
 *
 * @param y rows of units, [units x rows]
 * @returns ar and ma, [units]
 */
export function armaSearch(problem: ArmaProblem, y: Float64Array, units: number) {
  const { rows } = problem;
  const scales = armaScales(Math.max(...problem.lengths), gridStep * panelWidth);
  const profilesAt = armaProfiles(problem, scales);
  const forms = new Float64Array(problem.unitSize);
  // Nodes are a panel's half width apart; the grid is every second of them.
  const last = Math.round(scales.end / panelWidth);
  const nodes = 2 * last + 1;
  const xAt = (node: number) => (node - last) * panelWidth;

  const values = new Float64Array(units * 2 * nodes).fill(Number.NaN);
  const white = new Float64Array(units);
  const lowestY = new Float64Array(units * 2 * nodes);
  for (let node = 0; node < nodes; node += gridStep) {
    const here = problem.at(scales.maAt(xAt(node)));
    const profiles = profilesAt(here);
    const point = node === last ? problem.point(here, 0) : undefined;
    for (let unit = 0; unit < units; unit++) {
      problem.unit(y, unit * rows, forms);
      profiles(forms).forEach(({ value, y: at }, side) => {
        values[(unit * 2 + side) * nodes + node] = value;
        lowestY[(unit * 2 + side) * nodes + node] = at;
      });
      if (point) white[unit] = problem.df * Math.log(problem.squares(point, forms)) + point.logs;
    }
  }
  const least = white.map((value, unit) => {
    let lowest = value;
    for (let i = unit * 2 * nodes; i < (unit + 1) * 2 * nodes; i++) if (values[i] < lowest) lowest = values[i];
    return lowest;
  });

  const found = {
    value: white.map((value) => value - 1e-10 * (1 + Math.abs(value))),
    ar: new Float64Array(units),
    ma: new Float64Array(units),
  };
  let candidates = halved(promising());
  const searched = new Set(candidates.map(({ unit, node }) => unit * nodes + node));
  for (let round = 0; candidates.length > 0 && round < nodes; round++) candidates = refined(candidates);
  return { ar: found.ar, ma: found.ma };

  /** Points of the grid near which the lowest may lie: local minima of the profiles that are not too high, and all that are low. */
  function promising(): Candidate[] {
    const out: Candidate[] = [];
    for (let unit = 0; unit < units; unit++) {
      for (const side of [0, 1] as const) {
        const at = (unit * 2 + side) * nodes;
        for (let node = 0; node < nodes; node += gridStep) {
          const value = values[at + node];
          const left = node > 0 ? values[at + node - gridStep] : Number.POSITIVE_INFINITY;
          const right = node + gridStep < nodes ? values[at + node + gridStep] : Number.POSITIVE_INFINITY;
          if (!(value < Number.POSITIVE_INFINITY)) continue;
          const low = value <= left && value <= right;
          if (!low && value > least[unit] + 0.5) continue;
          const highest = Math.max(...[left, right].filter(Number.isFinite), value);
          const lowestNear = low && value - 0.5 * (highest - value) <= least[unit] + 0.5;
          // Where the profile is nearly level the grid may miss a minimum.
          if (!lowestNear && value > least[unit] + 0.5) continue;
          out.push({ unit, side, node, lowest: { value, y: lowestY[at + node] } });
        }
      }
    }
    return out;
  }

  /** Moves candidates to the best of their node and the two beside it, and leaves the high ones out. */
  function halved(before: readonly Candidate[]): Candidate[] {
    const best = before.map((candidate) => ({ ...candidate }));
    byNode(
      before.flatMap(({ node }, index) => [
        { index, node: node - 1 },
        { index, node: node + 1 },
      ]),
    ).forEach((members, node) => {
      if (node < 0 || node >= nodes) return;
      const profiles = profilesAt(problem.at(scales.maAt(xAt(node))));
      for (const { index } of members) {
        const { unit, side } = before[index];
        problem.unit(y, unit * rows, forms);
        const lowest = profiles(forms)[side];
        values[(unit * 2 + side) * nodes + node] = lowest.value;
        lowestY[(unit * 2 + side) * nodes + node] = lowest.y;
        if (lowest.value < best[index].lowest.value) Object.assign(best[index], { node, lowest });
        if (lowest.value < least[unit]) least[unit] = lowest.value;
      }
    });
    const seen = new Set<number>();
    return best.filter(({ unit, side, node, lowest: { value } }) => {
      const at = (unit * 2 + side) * nodes + node;
      const lower = (node > 0 && values[at - 1] < value) || (node + 1 < nodes && values[at + 1] < value);
      if (lower || seen.has(at)) return false;
      seen.add(at);
      const beside = [node > 0 ? values[at - 1] : value, node + 1 < nodes ? values[at + 1] : value].filter(
        Number.isFinite,
      );
      return value - 0.25 * (Math.max(...beside, value) - value) < least[unit] + 0.05;
    });
  }

  /** Newton's method from each candidate in its panel; returns those that it left by a border. */
  function refined(before: readonly Candidate[]): Candidate[] {
    const left: Candidate[] = [];
    const block = Math.max(1, Math.floor(heldNumbers / (panelOffsets.length * problem.unitSize)));
    byNode(before).forEach((members, node) => {
      for (let first = 0; first < members.length; first += block)
        left.push(...panel(node, members.slice(first, first + block)));
    });
    return left;
  }

  function panel(node: number, members: readonly Candidate[]): Candidate[] {
    const length = panelOffsets.length * problem.unitSize;
    const held = new Float64Array(members.length * length);
    const designs = Array.from(panelOffsets, (offset, k) => {
      const here = problem.at(scales.maAt(xAt(node) + offset));
      members.forEach(({ unit }, m) => {
        problem.unit(y, unit * rows, forms);
        for (let i = 0, to = m * length + k; i < problem.unitSize; i++, to += panelOffsets.length) held[to] = forms[i];
      });
      return here;
    });
    const criterionOf = armaPanel(problem, scales, designs, xAt(node));
    return members.flatMap(({ unit, side, lowest }, m) => {
      const criterion = criterionOf(held.subarray(m * length, (m + 1) * length), m);
      // It starts a little inside of the ends, where the criterion is level whether or not it is lowest there.
      const begin = (share: number, y: number): ArmaPlace => {
        const angle = Math.asin(within(y / scales.arEnd, 0.98));
        const from = within(xAt(node) + share * panelWidth, scales.end - 0.1 * panelWidth);
        return { angle, x: from, value: criterion.at(angle, from) };
      };
      let place = begin(0, lowest.y);
      const own = (unit * 2 + side) * nodes + node;
      const share = vertex(values[own - 1], values[own], values[own + 1]);
      if (node > 0 && node + 1 < nodes && Number.isFinite(share)) {
        const other = begin(share, lowestY[own] + (share * (lowestY[own + 1] - lowestY[own - 1])) / 2);
        if (other.value < place.value) place = other;
      }
      armaNewton(criterion.at, place);
      toBorder(criterion, place, scales.end);
      const { value } = place;
      const x = criterion.x(place.x);
      if (value < found.value[unit]) {
        found.value[unit] = value;
        found.ar[unit] = criterion.ar(place.angle);
        found.ma[unit] = scales.maAt(x);
      }
      const aside = x - xAt(node);
      if (Math.abs(aside) <= panelWidth) return [];
      const next = node + Math.sign(aside);
      if (searched.has(unit * nodes + next)) return [];
      searched.add(unit * nodes + next);
      const ended = { value, y: scales.arEnd * Math.sin(place.angle) };
      return [{ unit, side, node: next, lowest: ended }];
    });
  }
}

/** Moves the minimum to the border beside it where that is as low to rounding: the criterion is level there. */
function toBorder(criterion: PanelCriterion, place: ArmaPlace, end: number): void {
  const highest = place.value * (1 + 1e-11 * Math.sign(place.value));
  const { angle } = place;
  const x = criterion.x(place.x);
  const ar = Math.abs(Math.sin(angle)) > 1 - 1e-4 ? (Math.sign(Math.sin(angle)) * Math.PI) / 2 : angle;
  const ma = Math.abs(x) > end - 0.01 ? Math.sign(x) * end : x;
  if (ar === angle && ma === x) return;
  for (const [a, b] of [
    [ar, ma],
    [ar, x],
    [angle, ma],
  ]) {
    const value = criterion.at(a, b);
    if (value > highest) continue;
    Object.assign(place, { angle: a, x: b, value });
    return;
  }
}

/** Where the parabola through values at -1, 0 and 1 is lowest. */
const vertex = (left: number, middle: number, right: number) => (left - right) / (2 * (left - 2 * middle + right));

const within = (value: number, end: number) => Math.min(Math.max(value, -end), end);

function byNode<T extends { node: number }>(items: readonly T[]): Map<number, T[]> {
  const out = new Map<number, T[]>();
  for (const item of items) {
    const members = out.get(item.node);
    if (members) members.push(item);
    else out.set(item.node, [item]);
  }
  return out;
}
