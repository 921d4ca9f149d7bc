import type { StageParameters, StudyInput, studySchema } from '@galvani/study';
import { expectTypeOf, test } from 'vitest';

type Study = ReturnType<typeof studySchema.parse>;

test('a study.yaml may leave out all but the tasks, and a checked study lacks nothing', () => {
  expectTypeOf<{ tasks: string[] }>().toExtend<StudyInput>();
  expectTypeOf<object>().not.toExtend<StudyInput>();
  expectTypeOf<Study>().not.toBeAny();
  expectTypeOf<Study['design']['sessions']>().toEqualTypeOf<number>();
  expectTypeOf<NonNullable<StudyInput['design']>['sessions']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<StudyInput>().not.toExtend<Study>();
});

test('names that a person chose are pairs in a checked study', () => {
  expectTypeOf<Study['glm']['contrasts']>().toExtend<readonly (readonly [string, unknown])[]>();
});

test('a stage is told what the study says', () => {
  expectTypeOf<StageParameters['decode']>().toHaveProperty('permutations').toEqualTypeOf<number>();
});
