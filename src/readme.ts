import { readFileSync, writeFileSync } from 'node:fs';
import { settings } from './config.js';
import { derivedFacts } from './model/derived.js';

// Writes what follows from data into documents: the configuration keys into README.md and crm.env.example, what follows from hidden values into
// its decision, and the set-ups of clients into docs/clients.md. With --check it only compares, for `npm run check`.

const project = new URL('../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, project), 'utf8');

const clients = 'docs/clients.md';
/** A file of the clients' projects, as a block of their document. */
const shown = (name: string): Table => ({
  file: clients,
  name: `test/clients/${name}`,
  lines: [`\`\`\`${name.split('.').at(-1)}`, read(`test/clients/${name}`).trimEnd(), '```'],
});

interface Table {
  file: string;
  name: string;
  lines: string[];
}

/** The files that the document shows. */
const shownFiles = [
  'apollo/client.ts',
  'apollo/example.ts',
  'urql/client.ts',
  'relay/relay.config.json',
  'relay/environment.ts',
  'relay/queries.ts',
  'codegen/codegen.ts',
  'codegen/operations.ts',
];

const tables: Table[] = [
  {
    file: 'README.md',
    name: 'configuration',
    lines: [
      '| key | meaning | unset |',
      '| --- | --- | --- |',
      ...Object.entries(settings).map(([key, { description, unset }]) => `| \`${key}\` | ${description} | ${unset} |`),
    ],
  },
  {
    file: 'docs/decisions/024-what-follows-from-hidden-values.md',
    name: 'derived facts',
    lines: [
      '| fact | follows from | where that is hidden | why |',
      '| --- | --- | --- | --- |',
      ...Object.entries(derivedFacts).map(
        ([fact, { from, treatment, why }]) =>
          `| ${fact} | ${from.map((place) => `\`${place}\``).join(', ')} | ${treatment} | ${why} |`,
      ),
    ],
  },
];

for (const { file, name, lines } of [...tables, ...shownFiles.map(shown)]) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  write(file, (stored) => stored.replace(new RegExp(`${start}[^]*${end}`), () => [start, ...lines, end].join('\n')));
}

write('crm.env.example', () =>
  [
    '# Every configuration key of the server. Copy to crm.env (which is not committed) and set what is to differ: docker-compose.yml',
    '# and a service of systemd (EnvironmentFile) read it.',
    ...Object.entries(settings).flatMap(([key, { description, unset }]) => [
      '',
      `# ${description}`,
      `# Unset: ${unset}.`,
      `#${key}=`,
    ]),
    '',
  ].join('\n'),
);

/** Writes a file as it has to be, made of what it is; with --check it says whether it is so. */
function write(file: string, made: (stored: string) => string): void {
  const stored = read(file);
  const wanted = made(stored);
  if (!process.argv.includes('--check')) writeFileSync(new URL(file, project), wanted);
  else if (wanted !== stored) {
    process.stderr.write(`${file} is out of date; run \`npm run readme\`.\n`);
    process.exitCode = 1;
  }
}
