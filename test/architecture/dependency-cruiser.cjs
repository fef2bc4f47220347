// Who may import whom. Each rule says why in its comment, which is also what its violation prints.
// Imports of types count like any other: a type that travels the wrong way drags its owner's vocabulary along.
// Circles are the one rule that is not here: see imports.mjs.

// From the bottom: each may import those before it.
const CAPABILITIES = [
  'tenants',
  'identity',
  'departments',
  'api-keys',
  'endpoint-uses',
  'pools',
  'customers',
  'sharing',
  'contacts',
  'campaigns',
  'opportunities',
  'contracts',
  'leads',
  'activities',
  'cases',
  'success',
  'ownership',
  'views',
  'hand-over',
  'files',
  'analytics',
  'search',
  'audit',
  'events',
];
const LISTENERS = ['audit', 'events'];
const ORDERED = CAPABILITIES.filter((name) => !LISTENERS.includes(name));
const DIALECTS = ['erp', 'cell', 'lifecycle', 'platform'];

// Roles of a capability's files, by suffix. A file without one of these suffixes is held to the rules of a service.
const DECLARATIONS = ['entity', 'inputs', 'lists?'];
const SHARED_WITH_RESOLVERS = [...DECLARATIONS, 'loaders', 'sql'];

const TRANSPORTS = ['express', '@apollo', '@as-integrations', 'graphql-ws', 'ws', '@nats-io'];
const GRAPHQL = ['graphql', 'graphql-scalars', 'type-graphql'];
const DATABASE = ['@mikro-orm', 'pg', 'pg-copy-streams', 'kysely'];

const any = (names) => `(?:${names.join('|')})`;
const role = (...names) => `\\.${any(names)}\\.ts$`;
const library = (names) => `(?:^|node_modules/)${any(names)}(?:/|$)`;

const OURS = '^(?:src|rest-facade|test|bench|tools)/|^mikro-orm\\.config\\.ts$';
const PRODUCTION = '^(?:src|rest-facade)/|^mikro-orm\\.config\\.ts$';
const CORE = '^src/core/';
const MODEL = '^src/model/';
const FEED = '^src/feed/';
const WRITE = '^src/write/';
const READ = '^src/read/';
const GROUPS = '^src/groups/';
const ENGINES = [CORE, MODEL, FEED, WRITE, READ, GROUPS];
const BROKER = '^src/broker/';
const GRAPHQL_HELPERS = '^src/graphql/';
const SCHEMA = '^src/schema/schema\\.ts$';
const CAPABILITY = `^src/${any(CAPABILITIES)}/`;
const RESOLVER = role('resolver');
const ENTITY = role('entity');
const SQL = role('sql');
const DECLARATION = role(...DECLARATIONS);

const forbidden = [
  {
    name: 'core-stands-alone',
    comment: 'core is the kernel that everything stands on; it imports nothing else of ours.',
    from: { path: CORE },
    to: { path: OURS, pathNot: CORE },
  },
  {
    name: 'the-model-stands-on-core',
    comment: 'model declares columns, entities and fields. It is read by what reads and writes, and imports only core.',
    from: { path: MODEL },
    to: { path: OURS, pathNot: [CORE, MODEL] },
  },
  {
    name: 'the-feed-stands-on-the-model',
    comment:
      'The feed hands on committed events of any kind. It imports core and model and knows neither who writes nor who listens.',
    from: { path: FEED },
    to: { path: OURS, pathNot: [CORE, MODEL, FEED] },
  },
  {
    name: 'the-write-engine-knows-no-capability',
    comment:
      'The write engine turns a change into statements from the model. A capability named in it would be a special case of every write.',
    from: { path: WRITE },
    to: { path: OURS, pathNot: [CORE, MODEL, FEED, WRITE] },
  },
  {
    name: 'entities-know-only-entities',
    comment:
      'An entity is columns and fields. What can be done with it is known above it, so it imports core, model and other entities.',
    from: { path: `${CAPABILITY}.*${ENTITY}` },
    to: { path: OURS, pathNot: [CORE, MODEL, ENTITY] },
  },
  {
    name: 'the-read-engine-knows-no-capability',
    comment:
      'The read engine works from the schema and the metadata; a capability named in it would be a special case in every plan.',
    from: { path: READ },
    to: { path: OURS, pathNot: [CORE, MODEL, READ] },
  },
  {
    name: 'groups-know-no-capability',
    comment:
      'What records can be grouped by follows from the columns of their list. Groups stand on the model and the read engine, and name no capability.',
    from: { path: GROUPS },
    to: { path: OURS, pathNot: [CORE, MODEL, READ, GROUPS] },
  },
  {
    name: 'graphql-helpers-stay-below-the-capabilities',
    comment: 'src/graphql holds what resolvers are made with. What gathers the resolvers is src/schema.',
    from: { path: GRAPHQL_HELPERS },
    to: { path: OURS, pathNot: [...ENGINES, GRAPHQL_HELPERS] },
  },
  ...ORDERED.slice(0, -1).map((capability, place) => ({
    name: 'capabilities-stand-in-an-order',
    comment:
      'A capability imports those below it. What it needs of one above is declared there: a field added to its type, an order added to its list, an event.',
    from: { path: `^src/${capability}/` },
    to: { path: `^src/${any(ORDERED.slice(place + 1))}/` },
  })),
  {
    name: 'sql-stands-on-the-model',
    comment:
      'A .sql.ts file is expressions over rows. It imports the model, the read engine, entities and other SQL; a service or an input there would be a rule that runs inside statements.',
    from: { path: `${CAPABILITY}.*${SQL}` },
    to: { path: OURS, pathNot: [CORE, MODEL, READ, ENTITY, SQL] },
  },
  {
    name: 'sql-is-for-capabilities',
    comment:
      'What a .sql.ts file says is shown through declarations and resolvers, with the rights of the caller; whoever else reads it would pass them by.',
    from: { path: PRODUCTION, pathNot: CAPABILITY },
    to: { path: SQL },
  },
  {
    name: 'services-stay-below-the-graph',
    comment:
      'Services, policies, loaders and inputs serve every channel alike: they import the engines and other capabilities, ' +
      'never graphql/, server/, database/, the facade or the configuration.',
    from: { path: CAPABILITY, pathNot: [RESOLVER, ENTITY] },
    // Resolvers have a rule of their own, for everybody.
    to: { path: OURS, pathNot: [...ENGINES, CAPABILITY, RESOLVER] },
  },
  {
    name: 'services-speak-no-graphql',
    comment:
      'A rule that knows GraphQL would have to be written again for the next channel. Only declarations and resolvers carry its decorators.',
    from: { path: CAPABILITY, pathNot: [RESOLVER, DECLARATION] },
    to: { path: library(GRAPHQL) },
  },
  {
    name: 'capabilities-know-no-transport',
    comment:
      'HTTP and sockets end in server/. A capability that reads a request cannot be called through the other channels.',
    from: { path: CAPABILITY },
    to: { path: library(TRANSPORTS) },
  },
  {
    name: 'resolvers-call-their-own-service',
    comment:
      'A resolver is one call to its own service. From others it takes declarations, loaders and SQL; work across capabilities belongs in a service.',
    from: { path: `^src/(${any(CAPABILITIES)})/.*${RESOLVER}` },
    to: {
      path: OURS,
      pathNot: [...ENGINES, GRAPHQL_HELPERS, '^src/$1/', `${CAPABILITY}.*${role(...SHARED_WITH_RESOLVERS)}`, RESOLVER],
    },
  },
  {
    name: 'resolvers-hold-no-database',
    comment:
      'A query in a resolver skips the policy, the transaction and the audit, which live in and under the service.',
    from: { path: RESOLVER },
    to: { path: library(DATABASE) },
  },
  {
    name: 'only-the-schema-gathers-resolvers',
    comment: 'A resolver is an entrance, not a library: src/schema/schema.ts lists them, nobody else needs them.',
    from: { path: OURS, pathNot: SCHEMA },
    to: { path: RESOLVER },
  },
  {
    name: 'listeners-are-imported-by-no-capability',
    comment: 'audit and events hear of changes through core/command; a capability that calls them has to remember to.',
    from: { path: `^src/(${any(CAPABILITIES)})/` },
    to: { path: `^src/${any(LISTENERS)}/`, pathNot: '^src/$1/' },
  },
  {
    name: 'the-broker-stands-on-services',
    comment:
      'broker/ is a channel like the graph: it carries events out and messages in, and what is done about them is a service.',
    from: { path: BROKER },
    to: { path: OURS, pathNot: [BROKER, ...ENGINES, CAPABILITY] },
  },
  {
    name: 'only-the-server-knows-the-broker',
    comment:
      'The server runs with a broker or without: whoever has something to tell writes an event and asks nobody whether there is one.',
    from: { path: PRODUCTION, pathNot: ['^src/server/', BROKER] },
    to: { path: BROKER },
  },
  {
    name: 'the-database-knows-no-capability',
    comment:
      'database/ opens, migrates and queries PostgreSQL for whatever entities it is given; the list of entities is handed to it.',
    from: { path: '^src/database/' },
    to: { path: OURS, pathNot: ['^src/database/', CORE, MODEL, FEED, '^src/config\\.ts$'] },
  },
  {
    name: 'the-server-is-the-top',
    comment: 'server/ puts the parts together; only main.ts starts it.',
    from: { path: PRODUCTION, pathNot: '^src/(?:server/|main\\.ts$)' },
    to: { path: '^src/(?:server/|main\\.ts$)' },
  },
  {
    name: 'src-knows-no-facade',
    comment: 'The facade is a guest of the graph: server/ mounts it, and the rest would run without it.',
    from: { path: '^src/', pathNot: '^src/server/' },
    to: { path: '^rest-facade/' },
  },
  {
    name: 'the-facade-engine-is-a-client',
    comment:
      'The engine reaches the data through the in-process client, as any client would, and knows no dialect: a dialect is data to it.',
    from: { path: '^rest-facade/engine/' },
    to: {
      path: OURS,
      pathNot: [
        '^rest-facade/engine/',
        '^src/schema/in-process-client\\.ts$',
        '^src/core/(?:errors|context|clock|decimal|deprecation|labels|utf8|json-body)\\.ts$',
        '^src/write/idempotency\\.ts$',
      ],
    },
  },
  {
    name: 'dialects-stand-apart',
    comment:
      'A dialect is rows and manners for the engine. It can be removed by deleting its folder, so it shares nothing with another one.',
    from: { path: `^rest-facade/(${any(DIALECTS)})/` },
    to: { path: OURS, pathNot: ['^rest-facade/engine/', '^rest-facade/$1/'] },
  },
  {
    name: 'migrations-are-frozen',
    comment:
      'A released migration does what it did when it was released. It writes its SQL out, or takes it from a helper with a version in its name, which imports nothing.',
    from: { path: '^src/database/migrations/', pathNot: '/index\\.ts$' },
    to: { path: OURS, pathNot: '^src/database/migrations/[a-z-]+\\.v\\d+\\.ts$' },
  },
  {
    name: 'tests-and-tools-stay-outside',
    comment: 'Tests and tools are not delivered.',
    from: { path: PRODUCTION },
    to: { path: '^(?:test|tools)/' },
  },
  {
    name: 'production-needs-no-dev-dependency',
    comment:
      'The image is installed without dev dependencies: what runs must be declared in dependencies. Types vanish and may come from anywhere.',
    // The hook compiles while developing and testing; the image runs what `npm run build` wrote.
    from: { path: PRODUCTION, pathNot: '^src/swc-hook\\.mjs$' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'imports-resolve',
    comment: 'An import that leads nowhere is an import no rule above can see.',
    // the benchmark has packages of its own, which only those install who run it
    from: { pathNot: '^bench/' },
    to: { couldNotResolve: true },
  },
];

module.exports = {
  forbidden: forbidden.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    // TypeScript 7 has no JavaScript API; SWC reads the sources and tells imports of types from the others.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(?:^|/)dist/|^test/(?:clients|integrators)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
