import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { confusionMatrix } from '../../src/figures/confusion-matrix.js';
import { networkSites, siteShares } from '../../src/figures/network-sites.js';
import { overlapMatrix } from '../../src/figures/overlap-matrix.js';
import { layerLabel, shortLayerLabel } from '../../src/figures/unit-map.js';
import type { Markup } from '../../src/page/html.js';

const drawn = ({ markup }: Markup) => parseHTML(`<!doctype html><html><body>${markup}`).document;
const titles = (markup: Markup) => [...drawn(markup).querySelectorAll('title')].map((title) => title.textContent);

test('a confusion matrix shades a row by its shares and writes every count', () => {
  const rows = [
    ['a', 'a', 3],
    ['a', 'b', 1],
    ['b', 'a', 0],
    ['b', 'b', 0],
  ].map(([task, identified, count]) => ({ level: 'run', task, identified, count }) as never);
  const markup = confusionMatrix('Confusion', rows, ['a', 'b']);
  expect(titles(markup)).toEqual([
    'a identified as a: 3 (75%)',
    'a identified as b: 1 (25%)',
    'b identified as a: 0 (0%)',
    'b identified as b: 0 (0%)',
  ]);
  const shades = [...drawn(markup).querySelectorAll('rect[fill-opacity]')].map((r) =>
    Number(r.getAttribute('fill-opacity')),
  );
  expect(shades).toEqual([0.75 * 0.75, 0.75 * 0.25, 0, 0]);
});

test('an overlap that is not defined is a dash', () => {
  const none = { opposed_dice: Number.NaN, jaccard: Number.NaN, expected_opposed_dice: Number.NaN };
  const tests = { p: 1, p_over_pairs: 1, opposed_p: 1, opposed_p_over_pairs: 1 };
  const pair = {
    ...tests,
    lower: 0.1,
    upper: 0.9,
    relabelled_dice: 0.2,
    members_a: 0,
    members_b: 0,
    same: 0,
    opposed: 0,
    ...none,
  };
  const rows = [
    { ...pair, task_a: 'a', task_b: 'b', dice: Number.NaN, expected_dice: Number.NaN },
    { ...pair, task_a: 'a', task_b: 'c', dice: 0.5, expected_dice: 0.25 },
  ];
  const markup = overlapMatrix(rows, ['a', 'b', 'c']);
  expect(markup.markup).not.toContain('NaN');
  const texts = [...drawn(markup).querySelectorAll('text')].map((text) => text.textContent);
  expect(texts).toEqual(expect.arrayContaining(['–', '(–)', '0.50', '(0.25)']));
});

test('shares add sites of one kind and layer up', () => {
  const size = { task: 'a', layer: 'block-00', kind: 'linear', units: 10, positive: 0, negative: 0 };
  const shares = siteShares([
    { ...size, site: 'q', members: 1 },
    { ...size, site: 'k', members: 4 },
    { ...size, site: 'norm', kind: 'norm', members: 0 },
  ]);
  expect(shares).toEqual([
    { layer: 'block-00', kind: 'linear', units: 20, members: 5, share: 0.25 },
    { layer: 'block-00', kind: 'norm', units: 10, members: 0, share: 0 },
  ]);
  expect(titles(networkSites('Sites', shares, 0.5, 'red'))).toEqual([
    'linear, block-00: 5 of 20 units (25%)',
    'norm, block-00: 0 of 10 units (0%)',
  ]);
});

test('layers are named for people', () => {
  expect(['block-03', 'embeddings', 'final'].map(layerLabel)).toEqual(['block 3', 'embeddings', 'final']);
  expect(['block-11', 'embeddings', 'final'].map(shortLayerLabel)).toEqual(['11', 'emb.', 'final']);
});
