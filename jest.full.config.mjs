import config from './jest.config.mjs';

// As jest.config.mjs, with all files, and with all generated cases unless `CRM_TEST_FULL=0` leaves it at some of them.
// oxlint-disable-next-line node/no-process-env
process.env.CRM_TEST_FULL ??= '1';

export default { ...config, testPathIgnorePatterns: ['/node_modules/'] };
