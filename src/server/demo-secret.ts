import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { newSecret, type Config } from '../config.js';

/**
 * The secret of demo tokens: the configured shared secret, or one of this data directory's own, made on first use. It
 * only counts where no way to check tokens is configured, which production refuses.
 */
export function demoSecret(config: Config): string {
  if (config.AUTH_JWT_SECRET) return config.AUTH_JWT_SECRET;
  const directory = path.resolve(config.CRM_DATA_DIR!);
  const file = path.join(directory, 'demo-secret');
  if (!existsSync(file)) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, newSecret(), { mode: 0o600, flag: 'wx' });
    chmodSync(file, 0o600);
  }
  return readFileSync(file, 'utf8').trim();
}
