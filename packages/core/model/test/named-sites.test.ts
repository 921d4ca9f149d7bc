import { namedSites } from '@galvani/model';
import { UserMistake } from '@galvani/terminal';
import { expect, test } from 'vitest';

const site = (name: string, kind: string, start: number) => ({ site: name, kind, layer: 'block-00', width: 4, start });
const sites = [
  site('h.0.fc1', 'linear', 0),
  site('h.0.act', 'activation', 4),
  site('h.1.act', 'activation', 8),
  site('lm_head', 'head', 12),
];

test('sites are named by their kind or by a pattern, and the head is none of them', () => {
  const names = (named: string) => namedSites('lesion.sites', named, sites).map((own) => own.site);
  expect(names('activation')).toEqual(['h.0.act', 'h.1.act']);
  expect(names('*.fc1')).toEqual(['h.0.fc1']);
  expect(() => names('head')).toThrow(UserMistake);
  expect(() => names('norm')).toThrow(/no sites of the kind 'norm' that were recorded. It has: linear, activation;/);
  expect(() => names('*.fc9')).toThrow(/matches none/);
  expect(() => namedSites('steer.sites', 'activation', sites.slice(3))).toThrow(
    /^steer\.sites: no site inside the model was recorded .* Record others \(extraction\.sites\)\.$/,
  );
  // A kind that nobody named need not be there.
  expect(namedSites('lesion.sites', 'norm', sites, false)).toEqual([]);
});
