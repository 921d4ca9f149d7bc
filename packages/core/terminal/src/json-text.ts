/** A number as JSON can hold it: what is not finite as text. */
export const plainNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

/**
 * JSON in which numbers that are not finite are text, and typed arrays are arrays.
 * @param indent spaces of each level. Default: all in one line
 */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(
    value,
    (_, each) => {
      if (typeof each === 'number') return plainNumber(each);
      if (typeof each === 'bigint') return Number(each);
      return ArrayBuffer.isView(each) ? Array.from(each as Float64Array) : each;
    },
    indent,
  );
