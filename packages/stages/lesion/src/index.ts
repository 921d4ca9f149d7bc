export { dividedLesions as divided } from './lesion-shares.js';
export { lesionStage as stage } from './lesion-stage.js';
export { unseenTexts } from './unseen-texts.js';
