import type { NetworkUnit } from '@galvani/artifact';
import type { MapSite } from '@galvani/results';
import { headsMap, headsOf } from '../figures/heads-map.js';
import { layerLabel, unitMap } from '../figures/unit-map.js';
import { rasterLayout } from '../figures/unit-raster.js';
import { offWords } from '../findings/off-blocks.js';
import { absent, figure, panel } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { mapScale } from '../page/map-scale.js';
import { section } from '../page/section.js';
import { viewerLink } from '../page/viewer-link.js';
import { count, counted, decimal, listed, taskName } from '../page/words.js';
import type { DrawnMap } from '../results/drawn-map.js';
import type { StudyResults } from '../results/study-results.js';

/** Every unit of the model, for every task. */
export function mapsSection(results: StudyResults): Markup {
  const { glm, networks, tasks } = results;
  const heading = 'Maps of all units';
  const shown = tasks.filter((task) => glm?.taskMaps.has(task));
  if (!glm || shown.length === 0) return section('maps', heading, absent('No map has been made yet.'));
  const missing = tasks.filter((task) => !shown.includes(task)).map(taskName);
  const sites = (glm.taskMaps.get(shown[0]) as DrawnMap).sites;
  const { unitsPerPixel, width } = rasterLayout(sites);
  const thresholds: number[] = [];
  const heads: Markup[] = [];
  const panels = shown.map((task) => {
    const map = glm.taskMaps.get(task) as DrawnMap;
    const members = listedMembers(map, networks.units ?? [], task);
    const threshold = shownThreshold(map, members);
    thresholds.push(threshold);
    const size = members.reduce((sum, member) => sum + member, 0);
    heads.push(...taskHeads(task, map, members, threshold));
    return panel(
      html`${taskName(task)} <small>${counted(size, 'unit')} in the network · ${viewerLink({ map: map.description.name }, 'in the viewer')}</small>`,
      html`${unitMap(
        `Map of all units for ${taskName(task)}: ${counted(size, 'unit')} in the network`,
        map,
        members,
        threshold,
      )}${mapScale(map.called, threshold)}`,
    );
  });
  const range = [Math.min(...thresholds), Math.max(...thresholds)].map((value) => decimal(value, 1));
  const { called } = glm.taskMaps.get(shown[0]) as DrawnMap;
  return section(
    'maps',
    heading,
    html`${figure({
      id: 'unit-maps',
      title: 'A pixel for each unit, for each task',
      drawing: panels,
      shows: html`From top to bottom the model from input to output, from left to right the units of a site (${count(width * unitsPerPixel)} to a row${unitsPerPixel > 1 && `, ${unitsPerPixel} neighbours to a pixel, of which the strongest shows`}); wider sites take several rows. <span class="key above">Vermilion</span> is activity above ${offWords(results)}, <span class="key below">blue</span> below. Strong colour marks members of the network, the deeper the larger |${called}|; faint colour marks units outside it, fainter the smaller |${called}|. Strong colour begins at |${called}| = ${range[0] === range[1] ? range[0] : `${range[0]} to ${range[1]}`}. ${order(sites)}${missing.length > 0 && ` There is no map of ${listed(missing)}.`}`,
      imaging:
        'A glass brain with transparent thresholding: what lies below the threshold is kept in sight. Neighbouring columns mean nothing, as units of a layer have no spatial order; rows do.',
      interpretability:
        'Vertical stripes through the blocks are coordinates of the residual stream that carry the topic from layer to layer.',
    })}${heads.length > 0 && headsFigure(heads, called)}`,
  );
}

/** A panel with a task's map of heads; none where heads were not recorded. */
function taskHeads(task: string, map: DrawnMap, members: Uint8Array, threshold: number): Markup[] {
  const heads = headsOf(map, members);
  if (heads.length === 0) return [];
  const size = heads.filter(({ member }) => member).length;
  const words = `${count(size)} of ${counted(heads.length, 'head')} in the network`;
  return [
    panel(
      html`${taskName(task)} <small>${words}</small>`,
      headsMap(`Map of attention heads for ${taskName(task)}: ${words}`, heads, map.called, threshold),
    ),
  ];
}

const headsFigure = (drawing: Markup[], called: string) =>
  figure({
    id: 'heads',
    title: 'Heads of attention as units',
    drawing,
    shows: html`From left to right blocks, from top to bottom the heads of each. A unit for each head is the length of what it adds to the residual stream, and its ${called} says whether the task makes that longer (<span class="key above">vermilion</span>) or shorter (<span class="key below">blue</span>) than rest; colours as above, members of the network have a border. They are tested among all units.`,
    imaging:
      'Regions of interest, one value each, beside the map of their voxels: the numbers of a head are units of the site that ends in #z.',
    interpretability:
      'A head that writes more under a topic is a candidate for the circuit that carries it, and no proof of one: lesion the units of its #z.',
  });

/** Members of a task's network as the networks stage listed them: 1 for members. */
export function listedMembers(map: DrawnMap, units: readonly NetworkUnit[], task: string): Uint8Array {
  const start = new Map(map.sites.map((site) => [site.site, site.start]));
  const members = new Uint8Array(map.flags.length);
  for (const row of units) {
    const at = start.get(row.site);
    if (row.task === task && at !== undefined) members[at + row.unit] = 1;
  }
  return members;
}

/** Where strong colour begins: the statistic of the weakest member, or for an empty network that of the strongest unit. */
export function shownThreshold(map: DrawnMap, members: Uint8Array): number {
  let weakest = Number.POSITIVE_INFINITY;
  let strongest = 0;
  for (let i = 0; i < map.statistic.length; i++) {
    const size = Math.abs(map.statistic[i]);
    if (map.flags[i] !== 0 || !Number.isFinite(size)) continue;
    if (members[i] === 1 && size < weakest) weakest = size;
    if (size > strongest) strongest = size;
  }
  return Number.isFinite(weakest) ? weakest : strongest || 1;
}

/** The sites of one block from top to bottom, which the figure has no room to name. */
function order(sites: readonly MapSite[]): string {
  const layers = [...new Set(sites.map((s) => s.layer))];
  const layer = layers.find((l) => layerLabel(l).startsWith('block'));
  const block = sites.filter((s) => s.layer === layer).map((s) => s.site);
  if (block.length < 2) return '';
  const stem = commonStem(block);
  return `Within a block, from the top: ${block.map((site) => site.slice(stem.length).replace(/^\./, '') || 'the block’s output').join(', ')}.`;
}

function commonStem(names: readonly string[]): string {
  let end = names[0].length;
  for (const name of names) while (!name.startsWith(names[0].slice(0, end))) end--;
  const stem = names[0].slice(0, end);
  return names.includes(stem) ? stem : stem.slice(0, stem.lastIndexOf('.') + 1);
}
