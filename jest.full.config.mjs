import config from './jest.config.mjs';

// As jest.config.mjs, with all generated cases and all files.
// oxlint-disable-next-line node/no-process-env
process.env.CRM_TEST_FULL = '1';

export default { ...config, testPathIgnorePatterns: ['/node_modules/'] };
