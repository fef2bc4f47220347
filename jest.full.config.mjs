// As jest.config.mjs, with all generated cases.
// oxlint-disable-next-line node/no-process-env
process.env.CRM_TEST_FULL = '1';

export { default } from './jest.config.mjs';
