import type { StudyView } from '@galvani/view';
import { useMemo, useRef } from 'preact/hooks';
import { Loaded } from '../loaded.js';
import { usePickedUnits } from '../networks/use-picked-units.js';
import { view } from '../view-store.js';
import { mapName } from '../words.js';
import { type ComparedMap, difference, readComparedMap, sameSites } from './compared-map.js';
import { drawnUnits } from './drawn-units.js';
import { HeadsGrid } from './heads-grid.js';
import { MapControls } from './map-controls.js';
import { type MapData, readMapData, statisticOf, summaryOf } from './map-data.js';
import { MapExport } from './map-export.js';
import { colourLimit } from './map-limits.js';
import type { PictureOfMap } from './map-picture.js';
import { MapRaster } from './map-raster.js';
import { MapSearch } from './map-search.js';
import { rankUnits } from './threshold.js';
import { ThresholdControl } from './threshold-control.js';

/** Any map of the study, layer by unit, and perhaps another one beside it. */
export function MapPane({ study, studies }: { study: StudyView; studies: readonly string[] }) {
  const shown = view.value;
  const summary = summaryOf(study, shown.map);
  if (!summary)
    return (
      <section class="pane map-pane" aria-label="Map">
        <p>There are no maps yet: galvani glm makes them.</p>
      </section>
    );
  const statistic = statisticOf(summary, shown.statistic);
  const read = async () => ({
    data: await readMapData(shown.study, summary, statistic),
    compared: await readComparedMap(study, shown),
  });
  const by = [study, summary.name, statistic, shown.compare, shown.other, shown.otherStudy];
  return (
    <section class="pane map-pane" aria-label="Map">
      <MapControls {...{ study, studies, summary, statistic }} />
      <Loaded of={read} by={by} what="the map">
        {({ data, compared }) => <Maps {...{ study, data, compared, statistic }} />}
      </Loaded>
    </section>
  );
}

interface MapsProps {
  study: StudyView;
  data: MapData;
  compared: ComparedMap | undefined;
  statistic: string;
}

/** The map that is there, less another one or beside it. */
function Maps({ study, data, compared, statistic }: MapsProps) {
  const { sign, by, threshold, compare, pick } = view.value;
  const less = compare === 'difference' && compared && sameSites(study, compared.study) ? compared : undefined;
  const values = useMemo(() => (less ? difference(data.values, less.data.values) : data.values), [data, less]);
  const corrected = less ? nothing : data.corrected;
  const ranked = useMemo(() => rankUnits(values, sign, corrected), [values, sign, corrected]);
  const drawn = useMemo(
    () => drawnUnits({ values, corrected }, ranked, { by, threshold, sign }),
    [values, corrected, ranked, by, threshold, sign],
  );
  const beside = compare === 'side' ? compared : undefined;
  const limit = useMemo(
    () => Math.max(colourLimit(values), beside ? colourLimit(beside.data.values) : 0),
    [values, beside],
  );
  const outlined = usePickedUnits(study);
  const picture = useRef<(() => PictureOfMap | undefined) | undefined>(undefined);
  const title = mapName(data.summary) + (less ? ` less ${nameOf(less, study)}` : '');
  return (
    <>
      <MapSearch study={study} />
      <ThresholdControl corrected={corrected} ranked={ranked} statistic={statistic} drawn={drawn.count} />
      {compare === 'difference' && compared && !less && (
        <p role="alert">
          {compared.study.title} has other sites, so units have no like there: compare side by side instead.
        </p>
      )}
      <div class={beside ? 'rasters two' : 'rasters'}>
        <MapRaster
          {...{ study, data, values, statistic, title, limit, picture, outlined }}
          {...(drawn.units && { drawn: drawn.units, extremeDrawn: drawn.extreme })}
        />
        {beside && (
          <MapRaster
            {...{ study: beside.study, data: beside.data, statistic, limit, title: nameOf(beside, study) }}
            {...(sameSites(study, beside.study) && { outlined })}
          />
        )}
      </div>
      <HeadsGrid {...{ study, values, statistic, limit }} drawn={drawn.units} />
      <MapExport
        {...{ study, data, values, statistic }}
        chosen={pick ? outlined : drawn.units}
        picture={() => picture.current?.()}
      />
    </>
  );
}

const nothing: MapData['corrected'] = new Map();

const nameOf = ({ study, data }: ComparedMap, own: StudyView) =>
  mapName(data.summary) + (study.name === own.name ? '' : ` (${study.name})`);
