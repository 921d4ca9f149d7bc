import type { StudyView } from '@galvani/view';
import { useEffect, useState } from 'preact/hooks';
import { firstView, toAddress } from '../address.js';
import { view } from '../view-store.js';
import { pickedUnits, readMemberships } from './picked-units.js';

/** The picked units, once they are there. */
export function usePickedUnits(study: StudyView): Int8Array | undefined {
  const { pick, study: which } = view.value;
  const [found, setFound] = useState<Int8Array | undefined>();
  const key = toAddress({ ...firstView, pick });
  useEffect(() => {
    let wanted = true;
    setFound(undefined);
    if (pick)
      readMemberships(study, which).then(
        (memberships) => wanted && setFound(pickedUnits(memberships, pick)),
        // The map says what is wrong with it.
        () => undefined,
      );
    return () => {
      wanted = false;
    };
  }, [study, which, key]);
  return found;
}
