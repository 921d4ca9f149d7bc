import { z } from 'zod';
import { studySchema } from './study-schema.js';

/** The JSON Schema (draft 2020-12) of study.yaml, for editors. */
export function studyJsonSchema(): object {
  return { title: 'galvani study', ...jsonSchema(studySchema) };
}

/** Dictionaries, which JSON Schema has no word for, are objects with any keys. */
function jsonSchema(schema: z.core.$ZodType): object {
  return z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: written }) => {
      const { def } = zodSchema._zod;
      if (def.type !== 'map') return;
      const { keyType, valueType } = def as z.core.$ZodMapDef;
      const [propertyNames, additionalProperties] = [keyType, valueType].map(part);
      Object.assign(written, { type: 'object', propertyNames, additionalProperties });
    },
  });
}

function part(schema: z.core.$ZodType): object {
  const { $schema, ...own } = jsonSchema(schema) as Record<string, unknown>;
  return own;
}
