export { dayIn, isDay } from '../../src/core/clock.js';
