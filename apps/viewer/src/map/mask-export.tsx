import type { StudyView, UnitSelection } from '@galvani/view';
import { useState } from 'preact/hooks';
import { readMask } from '../data/parts.js';
import { fileName, saveFile } from '../data/save-file.js';
import { view } from '../view-store.js';
import { taskName } from '../words.js';

interface MaskExportProps {
  study: StudyView;
  /** Whose network. */
  task: string | undefined;
  /** Other units that are chosen, and what they are called; undefined where there are none. */
  chosen?: { name: string; label: string; units(): UnitSelection };
}

/** Networks and chosen units as masks over the model's parameters, as `galvani mask` writes them. */
export function MaskExport({ study, task, chosen }: MaskExportProps) {
  const [format, setFormat] = useState('safetensors');
  const [state, setState] = useState('');
  if (!study.live) return <p>Masks take the model: galvani view and galvani mask write them.</p>;
  const save = async (name: string, units?: UnitSelection) => {
    setState('The mask is being made.');
    try {
      saveFile(fileName(name, format), await readMask(view.value.study, name, format, units));
      setState('');
    } catch (error) {
      setState((error as Error).message);
    }
  };
  return (
    <div class="masks">
      <label>
        Masks as{' '}
        <select value={format} onChange={({ currentTarget }) => setFormat(currentTarget.value)}>
          {['safetensors', 'json', 'parquet', 'csv'].map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      {task !== undefined && (
        <button type="button" onClick={() => save(task)}>
          Network of {taskName(task)} as a mask
        </button>
      )}
      {chosen && (
        <button type="button" onClick={() => save(chosen.name, chosen.units())}>
          {chosen.label} as a mask
        </button>
      )}
      <span role="status">{state}</span>
    </div>
  );
}
