/** Activations by site, each [rows x width], row-major. */
export interface Activations {
  /** Empty where the subject was loaded to give float16. */
  sites: ReadonlyMap<string, Float32Array>;
  /** The bits of float16, where the subject was loaded to give it; what is beyond its range is infinite. */
  halves?: ReadonlyMap<string, Uint16Array>;
}
