import type { Event, NetworkOverlap } from '@galvani/artifact';
import { expectTypeOf, test } from 'vitest';
import type { Columns, Row } from '../src/table.js';

test('a row has a field for each column, of the column’s type', () => {
  const columns = { name: 'text', count: 'int32', share: 'float64', whole: 'flag' } as const satisfies Columns;
  expectTypeOf<Row<typeof columns>>().toEqualTypeOf<{ name: string; count: number; share: number; whole: boolean }>();
});

test('rows of galvani’s tables follow from their columns', () => {
  expectTypeOf<Event>().toHaveProperty('prompt').toEqualTypeOf<number>();
  expectTypeOf<Event>().toHaveProperty('topic').toEqualTypeOf<string>();
  expectTypeOf<NetworkOverlap['dice']>().toEqualTypeOf<number>();
  expectTypeOf<Event>().not.toHaveProperty('nothing');
});
