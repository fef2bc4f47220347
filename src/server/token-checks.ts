import type { Config } from '../config.js';
import type { TokenChecks } from '../identity/token.js';

/** What the configuration demands of tokens beside their signature. */
export const tokenChecks = (config: Config): TokenChecks => ({
  issuers: config.AUTH_ISSUER,
  audiences: config.AUTH_AUDIENCE,
  skewSeconds: config.AUTH_CLOCK_SKEW_SECONDS,
  ends: config.production,
});
