export { measurePower, powerStage as stage } from './power-stage.js';
export { powerSentences, powerText } from './power-text.js';
