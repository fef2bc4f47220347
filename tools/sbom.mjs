// npm run sbom [-- DIRECTORY]: what an image installs, as a CycloneDX bill of materials (npm's own) and as a list of licences; from the
// lockfile alone. Fails for a package whose licence is unknown or not among those that the project may be shipped with.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Unlicense',
  '(MIT AND BSD-3-Clause)',
]);
/** Packages that name no licence in the lockfile, with the one that they carry in their files. */
const read = { busboy: 'MIT', streamsearch: 'MIT' };

const directory = process.argv[2] ?? 'sbom';
const text = execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
// npm leaves out too much where it is asked to leave out what is for development: the lockfile says what that is
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const installed = new Set(
  Object.entries(packages)
    .filter(([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional)
    .map(([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`),
);
const bom = JSON.parse(text);
bom.components = bom.components.filter(({ name, version }) => installed.has(`${name}@${version}`));
const refs = new Set([bom.metadata.component['bom-ref'], ...bom.components.map((component) => component['bom-ref'])]);
bom.dependencies = bom.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }));
const { components } = bom;
const licences = components.map(({ name, version, licenses = [] }) => ({
  name,
  version,
  licence:
    licenses.map((one) => one.expression ?? one.license?.id ?? one.license?.name).join(' AND ') ||
    read[name] ||
    'unknown',
}));
mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, 'bom.cdx.json'), `${JSON.stringify(bom, null, 2)}\n`);
writeFileSync(join(directory, 'licences.json'), `${JSON.stringify(licences, null, 2)}\n`);
const refused = licences.filter(({ licence }) => !allowed.has(licence));
for (const { name, version, licence } of refused)
  process.stderr.write(`${name}@${version} has the licence ${licence}.\n`);
process.stdout.write(`${licences.length} packages are listed in ${directory}.\n`);
process.exitCode = refused.length > 0 ? 1 : 0;
