// As jest.config.mjs, with all generated cases.
process.env.CRM_TEST_FULL = '1';

export { default } from './jest.config.mjs';
