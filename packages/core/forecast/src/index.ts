export { checkMemory, tooLarge } from './check-memory.js';
export { freeBytes } from './free-bytes.js';
export { machineMemory } from './machine-memory.js';
export { type RecordingSize, recordingBytes } from './recording-bytes.js';
export { forecastStudy, openingForecast, type StageForecast, statedRate } from './stage-forecast.js';
export type { Pace, StudySize } from './study-size.js';
