/** A number as JSON can hold it: what is not finite as text. */
export const plainNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

/** JSON in which numbers that are not finite are text. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_, each) => (typeof each === 'number' ? plainNumber(each) : each));
