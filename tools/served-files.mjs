import { cpSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

// node tools/served-files.mjs [FOLDER]: copies what the server hands out of the libraries of its pages into
// FOLDER/node_modules (FOLDER: dist), where the compiled server finds it. The libraries are for development only: they
// bring what they were bundled from, about 300 MB.

/** Library → its files that the server reads. */
const served = {
  ruru: ['dist/server.js', 'dist/static.js', 'dist/version.js', 'dist/bundleCode.js'],
  redoc: ['bundles/redoc.standalone.js'],
  'swagger-ui-dist': ['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-standalone-preset.js'],
};

const { resolve: locate } = createRequire(import.meta.url);
const target = resolve(process.argv[2] ?? 'dist', 'node_modules');
/** A file of each library that its exports let one find. */
const entries = { ruru: 'ruru/server', redoc: 'redoc/package.json', 'swagger-ui-dist': 'swagger-ui-dist/package.json' };

rmSync(target, { recursive: true, force: true });
for (const [library, files] of Object.entries(served)) {
  let source = dirname(locate(entries[library]));
  while (!readdirSync(source).includes('package.json')) source = dirname(source);
  const licences = readdirSync(source).filter((name) => /^(licen[cs]e|notice)/i.test(name));
  for (const file of ['package.json', ...licences, ...files]) cpSync(join(source, file), join(target, library, file));
}
