import { enumeration } from './enumeration.js';

export const RunStatus = enumeration('RunStatus', 'Where a job stands.', {
  RUNNING: 'Under way, or interrupted: it goes on where it was when it is started again.',
  DONE: 'Finished.',
});
export type RunStatus = keyof typeof RunStatus;
