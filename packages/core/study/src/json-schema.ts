import { z } from 'zod';
import { studySchema } from './study-schema.js';

/** The JSON Schema (draft 2020-12) of study.yaml, for editors. */
export function studyJsonSchema(): object {
  return { title: 'galvani study', ...z.toJSONSchema(studySchema, { io: 'input', target: 'draft-2020-12' }) };
}
