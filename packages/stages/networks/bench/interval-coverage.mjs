// How often 95% intervals of repeatability hold the true value, by simulation: tasks with a pattern each, in sessions whose units share
// noise. `node packages/stages/networks/bench/interval-coverage.mjs --studies 500`
import { parseArgs } from 'node:util';
import { randomStream } from '@galvani/numerics';
import {
  correlationsOf,
  intraclassCorrelation,
  jackknife,
  likenessOverSessions,
  mapProducts,
  withinBetween,
} from '@galvani/statistics';

const { values } = parseArgs({ options: { studies: { type: 'string', default: '500' } } });
const studies = Number(values.studies);
const units = 200;
const tasks = 2;

console.log('sessions  shared noises  strength varies  correlation  difference  ICC(3,1), jackknife  ICC(3,1), F');
for (const sessions of [3, 4, 6])
  for (const factors of [5, 50])
    for (const vary of [0, 0.3]) {
      const world = simulate(factors, vary);
      const truth = estimates(world(100));
      const held = [0, 0, 0, 0];
      for (let i = 0; i < studies; i++) {
        const maps = world(sessions);
        const own = estimates(maps);
        const left = Array.from({ length: sessions }, (_, s) =>
          estimates(maps.filter((_, run) => Math.floor(run / tasks) !== s)),
        );
        const inside = (key, to = Number) => {
          const { lower, upper } = jackknife(
            to(own[key]),
            left.map((each) => to(each[key])),
          );
          return lower <= to(truth[key]) && to(truth[key]) <= upper;
        };
        const { lower, upper } = own.interval;
        const found = [
          inside('within', Math.atanh),
          inside('difference'),
          inside('icc', Math.atanh),
          lower <= truth.icc && truth.icc <= upper,
        ];
        for (const [k, yes] of found.entries()) if (yes) held[k]++;
      }
      const shares = held.map((count) => `${((100 * count) / studies).toFixed(1)}%`);
      console.log([sessions, factors, vary > 0 ? 'by 30%' : 'no', ...shares].join('\t'));
    }

/** Of the first task: likeness within, less that to the other, and the intraclass correlation. */
function estimates(maps) {
  const { products, means, units: targets } = mapProducts(maps);
  const sessions = maps.length / tasks;
  const bearers = Array.from({ length: sessions }, (_, s) => [s * tasks, s * tasks + 1]);
  const likeness = likenessOverSessions(correlationsOf(products), bearers, 1);
  const { within, between } = withinBetween(likeness, tasks);
  const own = bearers.map(([run]) => run);
  const { consistency, consistencyInterval } = intraclassCorrelation({
    targets,
    judges: sessions,
    means: Float64Array.from(own, (run) => means[run]),
    products: Float64Array.from(own.flatMap((a) => own.map((b) => products[a * maps.length + b]))),
  });
  return {
    within: within[0],
    difference: within[0] - between[0],
    icc: consistency,
    interval: consistencyInterval,
  };
}

/** Maps of so many sessions of one world: patterns of variance 1, noise of variance 1, of which .64 is of shared factors. */
function simulate(factors, vary) {
  const random = randomStream(7, 'coverage', factors, vary);
  const draw = (size) => Float64Array.from({ length: size }, () => random.normal());
  const loadings = Array.from({ length: factors }, () => draw(units));
  const patterns = Array.from({ length: tasks }, () => draw(units));
  return (sessions) =>
    Array.from({ length: sessions * tasks }, (_, run) => {
      const strength = 1 + vary * random.normal();
      const scores = draw(factors);
      return Float64Array.from({ length: units }, (_, u) => {
        const shared = scores.reduce((sum, score, k) => sum + score * loadings[k][u], 0) / Math.sqrt(factors);
        return strength * patterns[run % tasks][u] + 0.8 * shared + 0.6 * random.normal();
      });
    });
}
