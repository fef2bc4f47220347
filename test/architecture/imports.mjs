// node test/architecture/imports.mjs           checks this project and prints what is wrong
// node test/architecture/imports.mjs DIR …     checks projects laid out like this one and prints JSON (the test asks so)
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cruise } from 'dependency-cruiser';

const { forbidden, options } = createRequire(import.meta.url)('./dependency-cruiser.cjs');
const PARTS = ['src', 'rest-facade', 'bench', 'tools', 'test', 'mikro-orm.config.ts'];
const CIRCLES = {
  name: 'no-circles',
  comment:
    'Files that import each other in a circle, be it for types alone, can only be read, moved and tested together. References between entities are free.',
};

export async function inspect(root) {
  const parts = PARTS.filter((part) => existsSync(join(root, part)));
  const { resolveOptions, cruiseOptions } = settings(root);
  const { output } =
    parts.length === 0
      ? { output: { modules: [], summary: { violations: [] } } }
      : await cruise(parts, cruiseOptions, resolveOptions);
  const reasons = new Map(forbidden.map(({ name, comment }) => [name, comment]));
  const violations = output.summary.violations.map(({ rule, from, to }) => ({
    rule: rule.name,
    from,
    to,
    reason: reasons.get(rule.name),
  }));
  return {
    files: output.modules.filter(({ source }) => isOurs(source)).length,
    violations: [...violations, ...circles(output.modules)],
  };
}

function settings(root) {
  const { enhancedResolveOptions: resolveOptions, ...rest } = options;
  return { resolveOptions, cruiseOptions: { ...rest, baseDir: root, validate: true, ruleSet: { forbidden } } };
}

const isOurs = (file) => !file.includes('node_modules/') && /\.(ts|mjs|cjs|js)$/.test(file);
const isEntity = (file) => file.endsWith('.entity.ts');

// dependency-cruiser remembers one circle for each import, and a free one (between entities) can hide another.
function circles(modules) {
  const left = new Map(
    modules.map(({ source, dependencies }) => [
      source,
      new Set(dependencies.filter((to) => ties(source, to)).map((to) => to.resolved)),
    ]),
  );
  for (let before = -1; before !== left.size;) {
    before = left.size;
    const wanted = new Set([...left.values()].flatMap((targets) => [...targets]));
    for (const [file, targets] of left) {
      for (const target of targets) if (!left.has(target)) targets.delete(target);
      if (targets.size === 0 || !wanted.has(file)) left.delete(file);
    }
  }
  return [...left].map(([from, targets]) => ({
    rule: CIRCLES.name,
    from,
    to: [...targets].join(', '),
    reason: CIRCLES.comment,
  }));
}

function ties(from, { resolved }) {
  return !(isEntity(from) && isEntity(resolved));
}

function print({ files, violations }) {
  for (const { rule, from, to, reason } of violations) console.error(`${rule}: ${from} → ${to}\n    ${reason}`);
  console.log(
    violations.length === 0
      ? `The imports of ${files} files follow the rules.`
      : `${violations.length} imports break a rule.`,
  );
}

async function main(roots) {
  if (roots.length === 0) {
    const result = await inspect(resolve(import.meta.dirname, '../..'));
    print(result);
    process.exitCode = result.violations.length === 0 ? 0 : 1;
    return;
  }
  const results = [];
  for (const root of roots) results.push(await inspect(resolve(root)));
  process.stdout.write(
    JSON.stringify({ rules: [...new Set([...forbidden, CIRCLES].map(({ name }) => name))], results }),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2));
