import { join } from 'node:path';
import { output, plant, uproot, type Files } from './seeds.js';

interface Violation {
  rule: string;
  from: string;
  to: string;
  reason: string;
}
interface Inspection {
  files: number;
  violations: Violation[];
}

const project = process.cwd();
const LIBRARIES = ['graphql', 'type-graphql', 'express', '@mikro-orm/core', 'dataloader'];
const DEV_LIBRARY = 'fast-check';

// Every direction that is allowed, once.
const lawful: Files = {
  'package.json': JSON.stringify({
    type: 'module',
    dependencies: Object.fromEntries(LIBRARIES.map((name) => [name, '1.0.0'])),
    devDependencies: { [DEV_LIBRARY]: '1.0.0' },
  }),
  ...Object.fromEntries([...LIBRARIES, DEV_LIBRARY].flatMap(library)),
  'mikro-orm.config.ts': uses(
    './src/customers/customer.entity.js',
    './src/contacts/contact.entity.js',
    '@mikro-orm/core',
  ),
  'src/main.ts': uses('./server/server.js', './config.js'),
  'src/config.ts': uses(),
  'src/core/errors.ts': uses(),
  'src/core/context.ts': uses('./errors.js', 'graphql'),
  'src/model/columns.ts': uses('../core/errors.js', '@mikro-orm/core', 'type-graphql'),
  'src/feed/bus.ts': uses('../core/context.js', '../model/columns.js'),
  'src/write/command.ts': uses('../core/context.js', '../model/columns.js', '../feed/bus.js'),
  'src/read/plan.ts': uses('../core/context.js', '../model/columns.js', 'graphql'),
  'src/customers/customer.entity.ts': uses(
    '../core/errors.js',
    '../model/columns.js',
    './tag.entity.js',
    'type-graphql',
    '@mikro-orm/core',
  ),
  'src/customers/tag.entity.ts': uses('./customer.entity.js'),
  'src/customers/customer.sql.ts': uses('../model/columns.js', '../read/plan.js', './customer.entity.js'),
  'src/customers/customer.inputs.ts': uses('./customer.entity.js', './customer.sql.js', 'type-graphql'),
  'src/customers/customer.list.ts': uses('./customer.inputs.js', '../read/plan.js', 'type-graphql'),
  'src/customers/customer.policy.ts': uses('../core/context.js'),
  'src/customers/customer.loaders.ts': uses('./customer.entity.js', 'dataloader', '@mikro-orm/core'),
  'src/customers/customer.service.ts': uses(
    './customer.policy.js',
    './customer.entity.js',
    '../write/command.js',
    '../feed/bus.js',
  ),
  'src/customers/customer.resolver.ts': uses('./customer.service.js', '../graphql/payload.js', 'type-graphql'),
  'src/sharing/link.service.ts': uses('../customers/customer.service.js'),
  'src/contacts/contact.entity.ts': uses('../customers/customer.entity.js'),
  'src/contacts/contact.loaders.ts': uses('./contact.entity.js'),
  'src/contacts/contact.sql.ts': uses('./contact.entity.js', '../customers/customer.sql.js'),
  'src/contacts/contact.resolver.ts': uses(
    './contact.service.js',
    './contact.sql.js',
    '../customers/customer.loaders.js',
    '../customers/customer.entity.js',
    '../customers/customer.sql.js',
    '../graphql/payload.js',
    '../read/plan.js',
    'type-graphql',
  ),
  'src/contacts/contact.policy.ts': uses(),
  'src/contacts/contact.service.ts': `${uses('./contact.policy.js', '../customers/customer.service.js')}\nexport type Rule = string;\n`,
  'src/audit/audit.entity.ts': uses('../customers/customer.entity.js'),
  'src/audit/audit.service.ts': uses('./audit.entity.js', '../customers/customer.service.js'),
  'src/events/event.entity.ts': uses(),
  'src/broker/broker.ts': uses('../core/errors.js', '../events/event.entity.js', '../customers/customer.service.js'),
  'src/graphql/payload.ts': uses('../write/command.js', '../read/plan.js', 'graphql'),
  'src/schema/schema.ts': uses('../customers/customer.resolver.js', '../graphql/payload.js'),
  'src/schema/in-process-client.ts': uses('./schema.js'),
  'src/server/server.ts': uses(
    '../broker/broker.js',
    '../schema/schema.js',
    '../../rest-facade/index.js',
    '../../mikro-orm.config.js',
    'express',
  ),
  'src/database/open.ts': uses('../core/errors.js', '../config.js', '../feed/bus.js'),
  'src/database/migrations/index.ts': uses('./0001-first.js'),
  'src/database/migrations/0001-first.ts': uses('./tables.v2.js', '@mikro-orm/core'),
  'src/database/migrations/tables.v1.ts': uses(),
  'src/database/migrations/tables.v2.ts': uses('./tables.v1.js'),
  'tools/release.ts': uses('../src/schema/schema.js', '../rest-facade/index.js', DEV_LIBRARY),
  'rest-facade/index.ts': uses('./engine/serve.js', './erp/dialect.js', './cell/dialect.js'),
  'rest-facade/engine/serve.ts': uses(
    '../../src/schema/in-process-client.js',
    '../../src/core/errors.js',
    '../../src/core/context.js',
    'graphql',
  ),
  'rest-facade/erp/dialect.ts': uses('../engine/serve.js', './customers.js'),
  'rest-facade/erp/customers.ts': uses('../engine/serve.js'),
  'rest-facade/cell/dialect.ts': uses('../engine/serve.js'),
  'test/support/tenant.ts': uses('../../src/server/server.js', DEV_LIBRARY),
};

// One import too many, and the one rule that must notice.
const unlawful: Array<[rule: string, file: string, line: string]> = [
  ['core-stands-alone', 'src/core/other.ts', "import type {} from '../customers/customer.entity.js';"],
  ['core-stands-alone', 'src/core/errors.ts', "export const late = () => import('../database/roles.js');"],
  ['the-model-stands-on-core', 'src/model/other.ts', "import type {} from '../write/command.js';"],
  ['the-feed-stands-on-the-model', 'src/feed/other.ts', "import type {} from '../write/command.js';"],
  ['the-write-engine-knows-no-capability', 'src/write/command.ts', "import '../customers/customer.entity.js';"],
  ['the-write-engine-knows-no-capability', 'src/write/combined-insert.ts', "import '../read/plan.js';"],
  ['entities-know-only-entities', 'src/customers/customer.entity.ts', "import '../read/plan.js';"],
  [
    'the-read-engine-knows-no-capability',
    'src/read/plan.ts',
    "import type { Customer } from '../customers/customer.entity.js';",
  ],
  ['the-read-engine-knows-no-capability', 'src/read/other.ts', "import '../graphql/payload.js';"],
  ['groups-know-no-capability', 'src/groups/key.ts', "import '../customers/customer.entity.js';"],
  [
    'graphql-helpers-stay-below-the-capabilities',
    'src/graphql/payload.ts',
    "import type {} from '../customers/customer.entity.js';",
  ],
  ['services-stay-below-the-graph', 'src/customers/customer.service.ts', "import '../graphql/payload.js';"],
  ['services-stay-below-the-graph', 'src/contacts/import.ts', "import '../database/roles.js';"],
  [
    'services-speak-no-graphql',
    'src/customers/customer.policy.ts',
    "import type { GraphQLResolveInfo } from 'graphql';",
  ],
  ['services-speak-no-graphql', 'src/customers/customer.loaders.ts', "import { Field } from 'type-graphql';"],
  ['capabilities-know-no-transport', 'src/customers/customer.resolver.ts', "import type { Request } from 'express';"],
  ['capabilities-stand-in-an-order', 'src/customers/other.service.ts', "import '../sharing/link.service.js';"],
  [
    'capabilities-stand-in-an-order',
    'src/customers/customer.entity.ts',
    "import type { Contact } from '../contacts/contact.entity.js';",
  ],
  ['capabilities-stand-in-an-order', 'src/sharing/link.service.ts', "import '../contacts/contact.service.js';"],
  ['sql-stands-on-the-model', 'src/contacts/contact.sql.ts', "import './contact.service.js';"],
  ['sql-stands-on-the-model', 'src/contacts/contact.sql.ts', "import type {} from '../customers/customer.inputs.js';"],
  ['sql-is-for-capabilities', 'src/live/other.ts', "import '../contacts/contact.sql.js';"],
  ['entities-know-only-entities', 'src/contacts/contact.entity.ts', "import '../customers/customer.sql.js';"],
  ['services-speak-no-graphql', 'src/customers/other.sql.ts', "import type {} from 'graphql';"],
  [
    'resolvers-call-their-own-service',
    'src/contacts/contact.resolver.ts',
    "import * as customers from '../customers/customer.service.js';",
  ],
  ['resolvers-call-their-own-service', 'src/customers/customer.resolver.ts', "import '../config.js';"],
  [
    'resolvers-hold-no-database',
    'src/customers/customer.resolver.ts',
    "import type { EntityManager } from '@mikro-orm/core';",
  ],
  [
    'only-the-schema-gathers-resolvers',
    'src/customers/other.service.ts',
    "export type { CustomerResolver } from './customer.resolver.js';",
  ],
  [
    'only-the-schema-gathers-resolvers',
    'test/customers/customer.test.ts',
    "import '../../src/customers/customer.resolver.js';",
  ],
  [
    'listeners-are-imported-by-no-capability',
    'src/customers/customer.service.ts',
    "import '../events/event.entity.js';",
  ],
  ['listeners-are-imported-by-no-capability', 'src/audit/audit.service.ts', "import '../events/event.entity.js';"],
  ['the-broker-stands-on-services', 'src/broker/broker.ts', "import '../database/roles.js';"],
  ['the-database-knows-no-capability', 'src/database/migrations.ts', "import '../../mikro-orm.config.js';"],
  ['only-the-server-knows-the-broker', 'src/live/other.ts', "import '../broker/broker.js';"],
  ['the-server-is-the-top', 'src/live/other.ts', "import '../server/server.js';"],
  ['src-knows-no-facade', 'src/schema/other.ts', "import type {} from '../../rest-facade/engine/serve.js';"],
  ['the-facade-engine-is-a-client', 'rest-facade/engine/other.ts', "import '../cell/dialect.js';"],
  ['the-facade-engine-is-a-client', 'rest-facade/engine/serve.ts', "import '../../src/schema/schema.js';"],
  ['dialects-stand-apart', 'rest-facade/erp/customers.ts', "import '../cell/dialect.js';"],
  ['dialects-stand-apart', 'rest-facade/erp/customers.ts', "import '../../src/schema/in-process-client.js';"],
  ['migrations-are-frozen', 'src/database/migrations/0001-first.ts', "import '../../core/errors.js';"],
  ['migrations-are-frozen', 'src/database/migrations/0002-second.ts', "import type {} from '../../model/columns.js';"],
  ['migrations-are-frozen', 'src/database/migrations/0002-second.ts', "import './0001-first.js';"],
  ['migrations-are-frozen', 'src/database/migrations/tables.v1.ts', "import '../open.js';"],
  ['tests-and-tools-stay-outside', 'src/main.ts', "import '../test/support/tenant.js';"],
  ['tests-and-tools-stay-outside', 'src/main.ts', "import '../tools/release.js';"],
  ['production-needs-no-dev-dependency', 'src/read/plan.ts', `import '${DEV_LIBRARY}';`],
  ['production-needs-no-dev-dependency', 'src/read/plan.ts', "import 'undeclared';"],
  ['imports-resolve', 'src/database/open.ts', "import './nowhere.js';"],
  ['no-circles', 'src/contacts/contact.policy.ts', "import { used } from './contact.service.js';"],
  ['no-circles', 'src/contacts/contact.policy.ts', "import type { Rule } from './contact.service.js';"],
  ['no-circles', 'src/contacts/contact.policy.ts', "import { type Rule } from './contact.service.js';"],
  ['no-circles', 'src/contacts/contact.policy.ts', "export type { Rule } from './contact.service.js';"],
  [
    'no-circles',
    'src/customers/customer.policy.ts',
    "import type {} from './customer.entity.js'; import './customer.service.js';",
  ],
];

let rules: string[];
let inspections: Inspection[];

beforeAll(async () => {
  const roots = [plant(lawful), plant({}), ...unlawful.map(([, file, line]) => plant(withLine(file, line)))];
  const text = await output(join(project, 'test/architecture/imports.mjs'), [project, ...roots]);
  ({ rules, results: inspections } = JSON.parse(text) as { rules: string[]; results: Inspection[] });
}, 300_000);

afterAll(uproot);

test('this project follows every rule', () => {
  expect(inspections[0]?.violations).toEqual([]);
});

test('the lawful example follows every rule and every file of it is seen', () => {
  expect(inspections[1]).toEqual({
    files: Object.keys(lawful).filter((file) => !file.includes('node_modules/') && file.endsWith('.ts')).length,
    violations: [],
  });
});

test('an empty project follows every rule', () => {
  expect(inspections[2]).toEqual({ files: 0, violations: [] });
});

test('every rule is proved by a violation', () => {
  expect([...new Set(unlawful.map(([rule]) => rule))].sort()).toEqual([...rules].sort());
});

test.each(unlawful.map((row, at) => [...row, at + 3] as const))('%s: %s with %s', (rule, file, _line, at) => {
  const found = inspections[at]?.violations ?? [];
  expect(new Set(found.map((violation) => violation.rule))).toEqual(new Set([rule]));
  expect(found.map((violation) => violation.from)).toContain(file);
  expect(found.every(({ reason }) => reason.length > 20)).toBe(true);
});

function withLine(file: string, line: string): Files {
  return {
    'src/database/roles.ts': uses(),
    ...Object.fromEntries(library('undeclared')),
    ...lawful,
    [file]: `${line}\n${lawful[file] ?? 'export const used = 1;\n'}`,
  };
}

function uses(...modules: string[]): string {
  return `${modules.map((module) => `import '${module}';\n`).join('')}export const used = 1;\n`;
}

function library(name: string): Array<[path: string, text: string]> {
  return [
    [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
    [`node_modules/${name}/index.js`, ''],
  ];
}
