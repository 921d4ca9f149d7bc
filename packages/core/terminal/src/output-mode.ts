/** How a command's output is wanted. */
export interface OutputMode {
  /** Results are one JSON object on standard output, and nothing else is there. Default: false. */
  json: boolean;
  /** `quiet`: no progress and no remarks. `verbose`: also what is read, versions and times. Default: `usual`. */
  level: 'quiet' | 'usual' | 'verbose';
}

/** What a command gave so far, where its results are wanted as JSON. */
export interface GatheredOutput {
  /** Fields of its answers. */
  facts: Record<string, unknown>;
  /** What was said of the work, a line each. */
  sentences: string[];
  /** What the person should know or mend, a sentence each. */
  warnings: string[];
}

const usual: OutputMode = { json: false, level: 'usual' };

let mode = usual;
let gathered: GatheredOutput = { facts: {}, sentences: [], warnings: [] };

/** Says how output is wanted from now on, and begins to gather anew. Default: for a person, as much as usual. */
export function setOutput(wanted: Partial<OutputMode> = {}): void {
  mode = { ...usual, ...wanted };
  gathered = { facts: {}, sentences: [], warnings: [] };
}

/** How output is wanted. */
export const outputMode = (): Readonly<OutputMode> => mode;

/** What was gathered since `setOutput`; nothing where results are not wanted as JSON. */
export const gatheredOutput = (): GatheredOutput => gathered;
