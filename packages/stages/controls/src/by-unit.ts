/** A number of each unit. */
export type ByUnit = (unit: number) => number;

/** Works a number out when it is first asked for: many networks have the same units, and of a large model all together few. */
export function rememberedByUnit(units: number, work: ByUnit): ByUnit {
  const values = new Float64Array(units);
  const known = new Uint8Array(units);
  return (unit) => {
    if (known[unit] === 0) {
      values[unit] = work(unit);
      known[unit] = 1;
    }
    return values[unit];
  };
}
