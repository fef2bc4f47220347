// SWC compiles to CommonJS for Jest; @mikro-orm and kysely are ES modules and go through it too (so does the import() in ruru), so no Node flag is needed.
import { readFileSync } from 'node:fs';

const swc = {
  ...JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8')),
  module: { type: 'commonjs' },
  swcrc: false,
};

export default {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // what starts clusters and browsers of its own, or copies the project: it runs with `npm run test:full`
  testPathIgnorePatterns: ['/node_modules/', '\\.full\\.test\\.ts$'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.(ts|js|mjs)$': ['@swc/jest', swc] },
  transformIgnorePatterns: ['/node_modules/(?!(@mikro-orm|kysely|jose)/|ruru/dist/static\\.js)'],
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  // for two cores: much of what tests do is waiting, for the server, for PostgreSQL and for clocks
  maxWorkers: 4,
  // no test is about speed: this ends only what never ends
  testTimeout: 60_000,
};
