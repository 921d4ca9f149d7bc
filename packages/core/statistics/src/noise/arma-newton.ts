/** Step of central differences. */
const difference = 1e-4;
/** Change of the criterion, relative to it, that a step must promise for another one to follow it. */
const rounding = 1e-10;

/** A place: the arc sine of ar's share of its scale, ma on its scale, and the criterion there. */
export interface ArmaPlace {
  angle: number;
  x: number;
  value: number;
}

/**
 * The minimum of a smooth function of two parameters near the place that is given, by Newton's method, as `newtonMinimum` has
 * it; this one allocates nothing, since it runs for every unit. Moves the place.
 */
export function armaNewton(f: (angle: number, x: number) => number, place: ArmaPlace): void {
  const h = difference;
  for (let round = 0; round < 60; round++) {
    const { angle, x, value } = place;
    const up = f(angle + h, x);
    const down = f(angle - h, x);
    const upper = f(angle, x + h);
    const rightUp = f(angle + h, x + h);
    const leftUp = f(angle - h, x + h);
    const lower = f(angle, x - h);
    const rightDown = f(angle + h, x - h);
    const leftDown = f(angle - h, x - h);
    const gradientA = (up - down) / (2 * h);
    const gradientX = (upper - lower) / (2 * h);
    let curveA = (up - 2 * value + down) / (h * h);
    let curveX = (upper - 2 * value + lower) / (h * h);
    const mixed = (rightUp - leftUp - rightDown + leftDown) / (4 * h * h);
    if (!Number.isFinite(curveA + curveX + mixed)) return;
    // Where the function is not convex the diagonal is raised (Levenberg).
    const most = Math.max(1e-12, Math.abs(curveA), Math.abs(curveX));
    let raise = 0;
    const [ownA, ownX] = [curveA, curveX];
    while (!(curveA > 1e-12 * most && curveA * curveX - mixed * mixed > 1e-12 * curveA * most)) {
      raise = raise === 0 ? 1e-4 * most : raise * 4;
      curveA = ownA + raise;
      curveX = ownX + raise;
    }
    const determinant = curveA * curveX - mixed * mixed;
    let stepA = (mixed * gradientX - curveX * gradientA) / determinant;
    let stepX = (mixed * gradientA - curveA * gradientX) / determinant;
    const size = Math.max(Math.abs(stepA), Math.abs(stepX));
    const promised = -0.5 * (gradientA * stepA + gradientX * stepX);
    if (size > 1) {
      stepA /= size;
      stepX /= size;
    }
    let improved = false;
    for (let halving = 0; halving < 30; halving++) {
      const next = f(angle + stepA, x + stepX);
      if (next <= value) {
        improved = next < value;
        place.angle = angle + stepA;
        place.x = x + stepX;
        place.value = next;
        break;
      }
      stepA /= 2;
      stepX /= 2;
    }
    // A step that promises less than rounding of the function was the last one.
    if (!improved || size < 1e-9 || promised < rounding * (1 + Math.abs(place.value))) return;
  }
}
