import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ormOptions from '../mikro-orm.config.js';
import { readConfig } from '../src/config.js';
import { log } from '../src/core/log.js';
import { migrations } from '../src/database/migrations/index.js';
import { findDatabase, migrate } from '../src/database/open.js';
import { openOrm } from '../src/database/orm.js';

// npm run db:migration -- customer-loyalty: writes the migration that brings the database in line with the entities, under
// the next number, and puts it into the list. Uses the database of the configuration, and leaves it as it was released.
const directory = join(import.meta.dirname, '../src/database/migrations');
const [name = ''] = process.argv.slice(2);

function refuse(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

/** What takes the database of the last migration to the entities, and back. */
async function difference(): Promise<{ up: string[]; down: string[] }> {
  const config = readConfig();
  log.level = 'warn';
  const place = await findDatabase(config);
  try {
    await migrate(place.ownerUrl, ormOptions);
    const orm = openOrm(ormOptions, place.ownerUrl);
    const { up, down } = await orm.schema.getUpdateSchemaMigrationSQL();
    await orm.close(true);
    // on the way back MikroORM makes the functions anew, which no entity knows
    return { up: statements(up), down: statements(down).filter((text) => structural.test(text)) };
  } finally {
    if (!place.adopted) await place.stop();
  }
}

/** A statement on tables or indexes. */
const structural = /^(alter table|create (unique )?index|drop index)\b/i;

const statements = (sql: string): string[] =>
  sql
    .split(/;\s*(?:\n|$)/)
    .map((text) => text.trim())
    .filter(Boolean);

const quoted = (text: string): string => (text.includes("'") ? `\`${text.replace(/[\\`$]/g, '\\$&')}\`` : `'${text}'`);

const className = (text: string): string =>
  text.replace(/(?:^|-)([a-z])/g, (_all, letter: string) => letter.toUpperCase());

const source = (sql: { up: string[]; down: string[] }): string => `import { Migration } from '@mikro-orm/migrations';

/** ${className(name).replace(/(?!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}. */
export class ${className(name)} extends Migration {
  override up(): void {
${sql.up.map((text) => `    this.addSql(${quoted(text)});`).join('\n')}
  }

  override down(): void {
${sql.down.map((text) => `    this.addSql(${quoted(text)});`).join('\n')}
  }
}
`;

if (!/^[a-z]+(-[a-z]+)*$/.test(name))
  refuse('A migration needs a name of small letters and hyphens, e.g. npm run db:migration -- customer-loyalty.');
if (migrations.some(({ name: other }) => other.slice(5) === name)) refuse(`There is a migration ${name} already.`);
const sql = await difference();
if (sql.up.length === 0) refuse('Entities and database agree: there is nothing to migrate.');
if (sql.up.some((text) => /^create table/i.test(text)))
  refuse('A new table needs row level security and grants: write its migration by hand, with `tenantTables`.');
const full = `${String(Number(migrations.at(-1)!.name.slice(0, 4)) + 1).padStart(4, '0')}-${name}`;
const index = join(directory, 'index.ts');
writeFileSync(join(directory, `${full}.ts`), source(sql));
writeFileSync(
  index,
  readFileSync(index, 'utf8')
    .replace(/(import [^\n]*\n)(?!import )/, `$1import { ${className(name)} } from './${full}.js';\n`)
    .replace(/\n\];\n$/, `\n  { name: '${full}', class: ${className(name)} },\n];\n`),
);
process.stdout.write(`Wrote src/database/migrations/${full}.ts; read it, then npm run db:migrate.\n`);
