import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstView, fromAddress, toAddress, type View } from '../src/address.js';

const share = fc.integer({ min: 0, max: 1_000_000 }).map((each) => each / 1_000_000);
const text = fc.string({ minLength: 1 }).filter((each) => each.isWellFormed());
const views: fc.Arbitrary<View> = fc.record(
  {
    study: fc.nat(99),
    map: text,
    statistic: text,
    by: fc.constantFrom('statistic' as const, 'familywise' as const, 'fdr' as const),
    threshold: fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0),
    sign: fc.constantFrom('both' as const, 'positive' as const, 'negative' as const),
    pick: fc.record({
      tasks: fc.array(
        text.filter((each) => each !== 'only'),
        { minLength: 1 },
      ),
      exactly: fc.boolean(),
    }),
    compare: fc.constantFrom('none' as const, 'side' as const, 'difference' as const),
    other: text,
    otherStudy: fc.nat(99),
    unit: fc.record({ site: text, unit: fc.nat(999_999_999) }),
    mean: text,
    course: fc.constantFrom('activity' as const, 'fit' as const, 'residual' as const),
    twin: fc.boolean(),
    run: text,
    row: fc.nat(999_999_999),
    window: fc
      .tuple(share, share, share, share)
      .filter(([a, b, c, d]) => a !== b && c !== d)
      .map(([a, b, c, d]) => ({
        left: Math.min(a, b),
        right: Math.max(a, b),
        top: Math.min(c, d),
        bottom: Math.max(c, d),
      })),
    table: text,
  },
  { requiredKeys: ['study', 'statistic', 'by', 'sign', 'compare', 'course', 'twin', 'table'] },
);

test('an address gives the view that it was made of', () => {
  fc.assert(
    fc.property(views, (view) => {
      expect(fromAddress(`#${toAddress(view)}`)).toEqual(view);
    }),
  );
});

test('whatever an address says, it is some view', () => {
  fc.assert(
    fc.property(fc.string(), (address) => {
      expect({ ...firstView, ...fromAddress(address) }).toEqual(fromAddress(address));
    }),
  );
});

test('the first view has an empty address, and what is not understood is left at that', () => {
  expect(toAddress(firstView)).toBe('');
  for (const address of [
    '#',
    '#by=luck',
    '#threshold=much',
    '#unit=fc1',
    '#window=0,0,2,2',
    '#window=1,0,0,1',
    '#study=-1',
  ])
    expect(fromAddress(address), address).toEqual(firstView);
});

test('a link is read by people too', () => {
  expect(toAddress({ ...firstView, map: 'task-pathology', unit: { site: 'model.layers.3.fc1', unit: 7 } })).toBe(
    'map=task-pathology&unit=model.layers.3.fc1%3A7',
  );
});
