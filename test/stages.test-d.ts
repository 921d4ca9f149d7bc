import type * as calibrate from '@galvani/calibrate';
import type * as decode from '@galvani/decode';
import type * as design from '@galvani/design';
import type * as extract from '@galvani/extract';
import type * as glm from '@galvani/glm';
import type * as networks from '@galvani/networks';
import type * as plan from '@galvani/plan';
import type * as power from '@galvani/power';
import type * as report from '@galvani/report';
import type { StageArguments } from '@galvani/terminal';
import { expectTypeOf, test } from 'vitest';

interface Stages {
  plan: typeof plan;
  design: typeof design;
  extract: typeof extract;
  glm: typeof glm;
  networks: typeof networks;
  decode: typeof decode;
  calibrate: typeof calibrate;
  power: typeof power;
  report: typeof report;
}

test('a stage’s package exports it as a function of what a stage is told', () => {
  expectTypeOf<typeof extract.twinStage>().toEqualTypeOf<typeof extract.stage>();
  expectTypeOf<typeof extract.wordingStage>().toEqualTypeOf<typeof extract.stage>();
  expectTypeOf<Stages>().toExtend<Record<keyof Stages, { stage: (args: StageArguments) => Promise<void> }>>();
});
