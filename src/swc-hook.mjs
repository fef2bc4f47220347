// Lets Node run the TypeScript sources directly: `node --import ./src/swc-hook.mjs src/main.ts`.
// A `.js` import that has no file beside it is the `.ts` of that name; decorators are compiled by SWC as .swcrc says.
// What was compiled is kept in node_modules/.cache, so that the next start compiles only what has changed since.
import { createHash } from 'node:crypto';
import { readFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const settings = readFileSync(new URL('../.swcrc', import.meta.url), 'utf8');
const options = JSON.parse(settings);
const { version } = require('@swc/core/package.json');
const cache = new URL('../node_modules/.cache/swc/', import.meta.url);

const digest = (...texts) =>
  texts.reduce((hash, text) => hash.update(text).update('\0'), createHash('sha256')).digest('hex');

/** The last line of a kept file is the digest of all that it was made from. */
function compiled(filename) {
  const text = readFileSync(filename, 'utf8');
  const key = `\n//${digest(version, settings, text)}`;
  const place = new URL(`${digest(filename).slice(0, 32)}.js`, cache);
  const kept = readIfThere(place);
  if (kept?.endsWith(key)) return kept;
  const { transformSync } = require('@swc/core');
  const code = transformSync(text, { ...options, filename, swcrc: false }).code + key;
  keep(place, code);
  return code;
}

function readIfThere(place) {
  try {
    return readFileSync(place, 'utf8');
  } catch {
    return undefined;
  }
}

/** Written beside its place and moved there whole, because other processes may read it meanwhile. */
function keep(place, code) {
  const beside = new URL(`${place.href}.${process.pid}`);
  try {
    mkdirSync(cache, { recursive: true });
    writeFileSync(beside, code);
    renameSync(beside, place);
  } catch {
    // a directory that cannot be written to: the next start compiles again
  }
}

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/node/', import.meta.url)));

registerHooks({
  resolve(specifier, context, next) {
    if (
      /^\.{1,2}\/.*\.js$/.test(specifier) &&
      context.parentURL?.startsWith('file:') &&
      !context.parentURL.includes('/node_modules/')
    ) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(source)) return { url: source.href, shortCircuit: true, format: 'module' };
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts') || url.includes('/node_modules/')) return next(url, context);
    return { format: 'module', source: compiled(fileURLToPath(url)), shortCircuit: true };
  },
});
