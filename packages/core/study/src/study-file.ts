import { readTextFile } from '@galvani/terminal';
import { checkYaml } from './checked-yaml.js';
import { type Study, studySchema } from './study-schema.js';

/** A study together with where each field stands in its file. */
export interface StudyFile {
  path: string;
  study: Study;
  /** `study.yaml:12: design.sessions`, for a message about that field (or the nearest one that is written). */
  locate(...field: (string | number)[]): string;
  /** Whether a person wrote the field, or left it to its default. */
  written(...field: (string | number)[]): boolean;
}

/** Reads and checks study.yaml. @throws UserMistake that names line, field and what is allowed. */
export async function readStudyFile(path: string): Promise<StudyFile> {
  return parseStudy(await readTextFile(path, { missing: `there is no study at ${path}.` }), path);
}

/** Checks the text of a study.yaml; `path` is only named in messages. */
export function parseStudy(text: string, path: string): StudyFile {
  const { value, ...places } = checkYaml(text, path, studySchema, 'the study');
  return { path, study: value, ...places };
}
