import { UserMistake } from '@galvani/terminal';
import { expect, test } from 'vitest';
import { lesionedSites } from '../src/lesioned-sites.js';
import { strongestMembers } from '../src/network-lesions.js';

const site = (name: string, kind: string, start: number) => ({ site: name, kind, layer: 'block-00', width: 4, start });
const sites = [
  site('h.0.fc1', 'linear', 0),
  site('h.0.act', 'activation', 4),
  site('h.1.act', 'activation', 8),
  site('lm_head', 'head', 12),
];

test('sites are named by their kind or by a pattern, and the head is none of them', () => {
  const names = (named: string) => lesionedSites(named, sites).map((own) => own.site);
  expect(names('activation')).toEqual(['h.0.act', 'h.1.act']);
  expect(names('*.fc1')).toEqual(['h.0.fc1']);
  expect(() => names('head')).toThrow(UserMistake);
  expect(() => names('norm')).toThrow(/no sites of the kind 'norm' that were recorded. It has: linear, activation;/);
  expect(() => names('*.fc9')).toThrow(/matches none/);
});

test('a dose has the strongest members over all sites, whatever their sign, and candidates are the units that count', () => {
  const members = Int8Array.of(1, 1, 0, 0, 1, -1, 0, 1, 0, 0, -1, 0, 0, 0, 0, 0);
  const t = Float64Array.of(9, 8, 0, 0, 3, -7, 1, 4, 0, 0, -5, 0, 0, 0, 0, 0);
  const counted = new Uint8Array(16).fill(1);
  counted[6] = 0;
  const own = strongestMembers(sites.slice(1, 3), members, t, counted, 0.5);
  expect(own.map((part) => [part.site.site, [...part.members]])).toEqual([
    ['h.0.act', [1]],
    ['h.1.act', [2]],
  ]);
  expect([...own[0].candidates]).toEqual([0, 1, 3]);
  expect(strongestMembers(sites.slice(1, 3), members, t, counted, 1).flatMap((part) => [...part.members])).toEqual([
    0, 1, 3, 2,
  ]);
});
