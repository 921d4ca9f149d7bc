/** Axes along which units are put in cells. */
const cellAxes = 4;

/** Units in cells by their coordinates, of which only those are gone through that hold what may be near. */
export interface UnitCells {
  /** Calls with each unit that was added and is near along the axes. */
  eachNear(unit: number, call: (near: number) => void): void;
  add(unit: number): void;
}

/**
 * Cells are cubes along the first axes. Units of a cell lie together, with their coordinates, since nearly all the time goes into
 * comparing these.
 *
 * @param coordinates from -1 to 1, [units x axes], of all units that may be added
 * @param options.nearest squared distance up to which units are near
 * @param options.finer cells to that distance: more leave out more units, and take longer to go through
 */
export function unitCells(
  coordinates: Float64Array,
  { axes, nearest, finer }: { axes: number; nearest: number; finer: number },
): UnitCells {
  const used = Math.min(axes, cellAxes);
  const side = (Math.sqrt(nearest) * (1 + 1e-9)) / finer;
  const along = Math.ceil(2 / side) + 1;
  const units = coordinates.length / axes;
  const placeAlong = (unit: number, a: number) =>
    Math.min(along - 1, Math.max(0, Math.floor((coordinates[unit * axes + a] + 1) / side)));
  const cellOf = (unit: number) => {
    let cell = 0;
    for (let a = 0; a < used; a++) cell = cell * along + placeAlong(unit, a);
    return cell;
  };
  // Room for all units of a cell, and how much of it is taken.
  const starts = new Int32Array(along ** used + 1);
  for (let u = 0; u < units; u++) starts[cellOf(u) + 1]++;
  for (let c = 1; c < starts.length; c++) starts[c] += starts[c - 1];
  const ends = starts.slice(0, -1);
  const members = new Int32Array(units);
  const own = new Float64Array(units * axes);
  const at = new Float64Array(axes);
  // Cells within reach along the first axes, and their squared distance from the unit, axis by axis.
  let found = new Int32Array(0);
  let apart = new Float64Array(0);
  const most = (2 * finer + 1) ** used;
  const [cells, distances] = [
    [new Int32Array(most), new Int32Array(most)],
    [new Float64Array(most), new Float64Array(most)],
  ];
  const bound = nearest * (1 + 1e-9);

  /** @returns how many cells were found */
  function around(unit: number): number {
    let count = 1;
    [found, apart] = [cells[0], distances[0]];
    found[0] = 0;
    apart[0] = 0;
    for (let a = 0; a < used; a++) {
      const [next, nextApart] = [cells[(a + 1) % 2], distances[(a + 1) % 2]];
      const place = placeAlong(unit, a);
      const until = Math.min(along - 1, place + finer);
      let more = 0;
      for (let other = Math.max(0, place - finer); other <= until; other++) {
        const low = other * side - 1;
        // Coordinates beyond the first or last cell by rounding are in it.
        const gap = other === place ? 0 : other > place ? Math.max(0, low - at[a]) : Math.max(0, at[a] - low - side);
        for (let c = 0; c < count; c++) {
          const distance = apart[c] + gap * gap;
          if (distance > bound) continue;
          next[more] = found[c] * along + other;
          nextApart[more++] = distance;
        }
      }
      [found, apart, count] = [next, nextApart, more];
    }
    return count;
  }

  return {
    eachNear(unit, call) {
      for (let a = 0; a < axes; a++) at[a] = coordinates[unit * axes + a];
      const count = around(unit);
      for (let c = 0; c < count; c++) {
        const end = ends[found[c]];
        for (let i = starts[found[c]]; i < end; i++) {
          let sum = 0;
          for (let a = 0, j = i * axes; a < axes && sum <= nearest; a++, j++) {
            const difference = own[j] - at[a];
            sum += difference * difference;
          }
          if (sum <= nearest) call(members[i]);
        }
      }
    },
    add(unit) {
      const i = ends[cellOf(unit)]++;
      members[i] = unit;
      for (let a = 0; a < axes; a++) own[i * axes + a] = coordinates[unit * axes + a];
    },
  };
}
