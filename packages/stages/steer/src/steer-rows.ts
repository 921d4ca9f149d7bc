import type { SteerRow } from '@galvani/artifact';
import { randomStream } from '@galvani/numerics';
import { lesionTest, resampledMeans } from '@galvani/statistics';

/** What one direction does at one strength. */
export interface Steered {
  /** Probability of the task for each opening's text. */
  probability: Float64Array;
  /** Loss of each text in the untouched model. */
  textLoss: Float64Array;
  /** Mean change of the steered model's loss on unseen rest texts. */
  readChange: number;
}

/** A task at a strength: its network and random directions; of the untouched model, at strength 0, there are none. */
export interface SteeredTask extends Pick<SteerRow, 'task' | 'strength' | 'units'> {
  network: Steered;
  random: Steered[];
  untouched: Float64Array;
}

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, own) => sum + own, 0) / values.length;

/** A row for each task and strength; p are over all whose strength is not 0. */
export function steerRows(cells: readonly SteeredTask[], seed: number): SteerRow[] {
  const shiftsOf = ({ probability }: Steered, untouched: Float64Array) =>
    probability.map((own, o) => own - untouched[o]);
  const tested = cells.filter(({ random }) => random.length > 0);
  const found = lesionTest(
    tested.map(({ network, untouched }) => mean(shiftsOf(network, untouched))),
    tested.map(({ random, untouched }) => Float64Array.from(random, (own) => mean(shiftsOf(own, untouched)))),
  );
  return cells.map((cell) => {
    const { task, strength, units, network, random, untouched } = cell;
    const at = tested.indexOf(cell);
    const shifts = shiftsOf(network, untouched);
    const ofRandom = random.map((own) => mean(shiftsOf(own, untouched)));
    const stream = randomStream(seed, 'steer', 'interval', task, strength);
    const own = (values: Float64Array) => (at < 0 ? Number.NaN : values[at]);
    return {
      ...{
        task,
        strength,
        units,
        openings: shifts.length,
        probability: mean(network.probability),
        shift: mean(shifts),
      },
      ...(at < 0 ? { lower: 0, upper: 0 } : resampledMeans([[...shifts]], [1], stream)),
      ...{ directions: random.length, random_shift: own(found.controlMean), random_spread: own(found.controlSpread) },
      random_least: at < 0 ? Number.NaN : Math.min(...ofRandom),
      random_most: at < 0 ? Number.NaN : Math.max(...ofRandom),
      ...{ p: own(found.p), p_over_family: own(found.familywise) },
      ...{ opposite_p: own(found.opposite), opposite_p_over_family: own(found.oppositeFamilywise) },
      ...{ text_loss: mean(network.textLoss), random_text_loss: mean(random.map(({ textLoss }) => mean(textLoss))) },
      ...{ read_change: network.readChange, random_read_change: mean(random.map(({ readChange }) => readChange)) },
    };
  });
}
