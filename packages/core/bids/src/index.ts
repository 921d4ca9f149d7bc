export { exportBids } from './export-bids.js';
