import type { Site, UnitChange } from '@galvani/model';
import { checkYaml } from '@galvani/study';
import { advised, readTextFile } from '@galvani/terminal';
import { z } from 'zod';

const largest = 3.4e38;
const number = z.number().min(-largest).max(largest);
const numbers = z.union([number, z.array(number).min(1)]);
/** A site's name is none: every site is named, so that a typing error is told. */
const pattern = /[*?[\]{}]/;

const changesSchema = z
  .array(
    z
      .strictObject({
        site: z
          .string()
          .min(1)
          .refine(
            (name) => !pattern.test(name),
            `must be the name of one site, and not a pattern; ${advised('sites')} lists them`,
          ),
        units: z.array(z.int().min(0)).min(1).optional(),
        scale: numbers.optional(),
        offset: numbers.optional(),
      })
      .superRefine(({ units, scale, offset }, context) => {
        if (units && new Set(units).size < units.length)
          context.addIssue({ code: 'custom', path: ['units'], message: 'each unit may be listed once' });
        if (scale === undefined && offset === undefined)
          context.addIssue({ code: 'custom', message: 'it needs a scale, an offset or both' });
        for (const [field, own] of Object.entries({ scale, offset }))
          if (Array.isArray(own) && own.length !== units?.length)
            context.addIssue({
              code: 'custom',
              path: [field],
              message: units
                ? `one number for all units, or one for each of the ${units.length}`
                : 'one number, since units are not listed',
            });
      }),
  )
  .min(1);

/** Changes of units as a person writes them, in YAML or JSON: without `units` all of the site's are meant. */
export type WrittenChanges = z.output<typeof changesSchema>;

/**
 * Reads a list of `{ site, units, scale, offset }`.
 * @throws UserMistake that names the line and what is allowed
 */
export async function readChanges(path: string): Promise<WrittenChanges> {
  return checkYaml(await readTextFile(path), path, changesSchema, 'the list of changes').value;
}

/** The same with all units listed. */
export function unitChanges(written: WrittenChanges, sites: readonly Site[]): UnitChange[] {
  return written.map(({ units, ...change }) => {
    const width = sites.find(({ name }) => name === change.site)?.width ?? 0;
    return { ...change, units: units ?? [...Array(width).keys()] };
  });
}
