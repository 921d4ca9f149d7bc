export { contentWords } from './content-words.js';
export { controlsStage as stage } from './controls-stage.js';
