import type { StudyView } from '@galvani/view';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { View } from '../address.js';
import { dark } from '../colour/dark.js';
import { show, view } from '../view-store.js';
import { count, counted, digits, pValue } from '../words.js';
import { ColourScale } from './colour-scale.js';
import { MapCanvas } from './map-canvas.js';
import type { MapData } from './map-data.js';
import type { PictureOfMap } from './map-picture.js';
import { rasterLayout, siteOfUnit } from './raster-layout.js';
import { unlessWhole, whole } from './zoom.js';

interface MapRasterProps {
  study: StudyView;
  data: MapData;
  /** What is drawn of each unit. Default: the map's own values. */
  values?: Float64Array;
  statistic: string;
  title: string;
  /** The value of the last colour. */
  limit: number;
  drawn?: Uint8Array;
  extremeDrawn?: boolean;
  outlined?: ArrayLike<number>;
  /** Kept up to date for who exports the picture. */
  picture?: { current: (() => PictureOfMap | undefined) | undefined };
}

/** A map with its layers' names, its colours, and the numbers of the unit under the pointer and of the selected one. */
export function MapRaster(props: MapRasterProps) {
  const { study, data, statistic, title, limit, drawn, outlined, picture } = props;
  const values = props.values ?? data.values;
  const { window = whole, unit } = view.value;
  const [pointed, setPointed] = useState(-1);
  const frame = useRef<HTMLDivElement>(null);
  const layout = useMemo(() => rasterLayout(study.sites), [study]);
  const selected = useMemo(() => placeAmongAll(study, unit), [study, unit]);
  const layers = layout.layers
    .map(({ layer, row, rows }) => ({
      layer,
      at: ((row + rows / 2) / layout.rows - window.top) / (window.bottom - window.top),
    }))
    .filter(({ at }) => at >= 0 && at <= 1);
  if (picture)
    picture.current = () => {
      const canvas = frame.current?.querySelector('canvas');
      return canvas ? { canvas, title, statistic, limit, layers, dark: dark.value } : undefined;
    };
  const words = (place: number) => <UnitWords {...{ study, data, values, place, statistic }} />;
  return (
    <div class="raster" ref={frame}>
      <h2>{title}</h2>
      <div class="map-frame">
        <ol class="layers" aria-hidden="true">
          {layers.map(({ layer, at }) => (
            <li key={layer} style={{ top: `${100 * at}%` }}>
              {layer}
            </li>
          ))}
        </ol>
        <MapCanvas
          label={`Map of ${title}: ${statistic} of ${counted(study.units, 'unit')}`}
          layout={layout}
          values={values}
          limit={limit}
          drawn={drawn}
          extremeDrawn={props.extremeDrawn}
          outlined={outlined}
          window={window}
          selected={selected}
          onSelect={(place) => show({ unit: unitName(study, place), mean: undefined })}
          onWindow={(next, step) => show({ window: unlessWhole(next) }, { step })}
          onPoint={setPointed}
        />
      </div>
      <ColourScale limit={limit} label={statistic} />
      <p class="pointed">{pointed >= 0 ? words(pointed) : ' '}</p>
      <p aria-live="polite" class="selected">
        {selected !== undefined && words(selected)}
      </p>
    </div>
  );
}

interface UnitWordsProps {
  study: StudyView;
  data: MapData;
  values: Float64Array;
  place: number;
  statistic: string;
}

/** A unit's name and numbers. */
function UnitWords({ study, data, values, place, statistic }: UnitWordsProps) {
  const { site, unit } = unitName(study, place);
  const value = values[place];
  const p = (name: string) => (name === 'fdr' ? 'q' : 'family-wise p');
  return (
    <>
      <b>
        {site}, unit {count(unit)}
      </b>
      : {Number.isNaN(value) ? 'not tested' : `${statistic} ${digits(value)}`}
      {values === data.values &&
        [...data.corrected].map(([correction, log10p]) => `, ${p(correction)} ${pValue(log10p[place])}`)}
      {values === data.values && data.member[place] !== 0 && ', in the network'}
    </>
  );
}

/** The place of a unit among all; undefined where the study has no such unit. */
function placeAmongAll({ sites }: StudyView, unit: View['unit']): number | undefined {
  const site = unit && sites.find((each) => each.site === unit.site);
  return site && unit.unit < site.width ? site.start + unit.unit : undefined;
}

function unitName({ sites }: StudyView, place: number) {
  const { site, start } = siteOfUnit(sites, place);
  return { site, unit: place - start };
}
