import { absentStages } from '@galvani/study';
import { page } from './page/page.js';
import type { StudyResults } from './results/study-results.js';
import type { Courses } from './results/task-activity.js';
import type { UnitTexts } from './results/unit-texts.js';
import { activitySection } from './sections/activity.js';
import { calibrationSection } from './sections/calibration.js';
import { contrastsSection } from './sections/contrasts.js';
import { controlsSection } from './sections/controls.js';
import { geometrySection } from './sections/geometry.js';
import { identificationSection } from './sections/identification.js';
import { lesionSection } from './sections/lesion.js';
import { mapsSection } from './sections/maps.js';
import { methodsSection } from './sections/methods.js';
import { networksSection } from './sections/networks.js';
import { overlapSection } from './sections/overlap.js';
import { powerSection } from './sections/power.js';
import { provenanceSection } from './sections/provenance.js';
import { qualitySection } from './sections/quality.js';
import { readingSection } from './sections/reading.js';
import { repeatabilitySection } from './sections/repeatability.js';
import { resultSection } from './sections/result.js';
import { statisticsSection } from './sections/statistics.js';
import { steeringSection } from './sections/steering.js';
import { subjectSection } from './sections/subject.js';
import { yardstickSection } from './sections/yardstick.js';

/** The page of a study, quality first, since all rests on it; then in the order in which people ask: what was found, in what, how, and whether to believe it. */
export function reportPage(results: StudyResults, courses: Courses, texts: readonly UnitTexts[] = []): string {
  const { title, description } = results.plan.report;
  const missing = { leftOut: results.leftOut, absent: absentStages(results.plan) };
  return page(title, description, missing, [
    qualitySection(results),
    resultSection(results),
    subjectSection(results),
    activitySection(results, courses, texts),
    mapsSection(results),
    networksSection(results),
    overlapSection(results),
    geometrySection(results),
    repeatabilitySection(results),
    yardstickSection(results),
    contrastsSection(results),
    identificationSection(results),
    controlsSection(results),
    lesionSection(results),
    steeringSection(results),
    statisticsSection(results),
    powerSection(results),
    calibrationSection(results),
    methodsSection(results),
    readingSection(results),
    provenanceSection(results),
  ]);
}
