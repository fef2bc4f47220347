#!/usr/bin/env node
// The command line `crm`: from the sources where they are, else from what `npm run build` wrote.
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 17) || major === 23 || major === 25) {
  process.stderr.write(
    `Node ${process.versions.node} cannot run crm: it takes Node 22.17 or later, 24 or 26 (\`npm run crm --\` brings its own).\n`,
  );
  process.exit(1);
}

const hook = new URL('../src/swc-hook.mjs', import.meta.url);
const isSource = existsSync(hook);
if (isSource) await import(hook.href);
const { run } = await import(
  new URL(isSource ? '../src/server/cli/program.ts' : '../dist/src/server/cli/program.js', import.meta.url).href
);
await run(process.argv.slice(2));
