// Who may import whom. Each rule says why in its comment, which is also what its violation prints.
// Imports of types count like any other: a type that travels the wrong way drags its owner's vocabulary along.
// Circles are the one rule that is not here: see imports.mjs.

const CAPABILITIES = [
  'identity', 'tenants', 'customers', 'contacts', 'opportunities', 'contracts', 'activities', 'cases', 'campaigns',
  'leads', 'success', 'analytics', 'files', 'search', 'audit', 'events',
];
const LISTENERS = ['audit', 'events'];
const DIALECTS = ['erp', 'cell', 'lifecycle', 'platform'];

// Roles of a capability's files, by suffix. A file without one of these suffixes is held to the rules of a service.
const DECLARATIONS = ['entity', 'inputs', 'lists?'];
const SHARED_WITH_RESOLVERS = [...DECLARATIONS, 'loaders'];

const TRANSPORTS = ['express', '@apollo', '@as-integrations', 'graphql-ws', 'ws', '@nats-io'];
const GRAPHQL = ['graphql', 'graphql-scalars', 'type-graphql'];
const DATABASE = ['@mikro-orm', 'pg', 'pg-copy-streams', 'kysely'];

const any = (names) => `(?:${names.join('|')})`;
const role = (...names) => `\\.${any(names)}\\.ts$`;
const library = (names) => `(?:^|node_modules/)${any(names)}(?:/|$)`;

const OURS = '^(?:src|rest-facade|test|bench|tools)/|^mikro-orm\\.config\\.ts$';
const PRODUCTION = '^(?:src|rest-facade)/|^mikro-orm\\.config\\.ts$';
const CORE = '^src/core/';
const READ = '^src/read/';
const BROKER = '^src/broker/';
const GRAPHQL_HELPERS = '^src/graphql/(?!schema\\.ts$)';
const SCHEMA = '^src/graphql/schema\\.ts$';
const CAPABILITY = `^src/${any(CAPABILITIES)}/`;
const RESOLVER = role('resolver');
const ENTITY = role('entity');
const DECLARATION = role(...DECLARATIONS);

const forbidden = [
  {
    name: 'core-stands-alone',
    comment: 'core is what every capability stands on; it knows none of them, nor anything else of ours.',
    from: { path: CORE },
    to: { path: OURS, pathNot: CORE },
  },
  {
    name: 'entities-know-only-entities',
    comment: 'An entity is columns and fields. What can be done with it is known above it, so it imports core and other entities.',
    from: { path: `${CAPABILITY}.*${ENTITY}` },
    to: { path: OURS, pathNot: [CORE, ENTITY] },
  },
  {
    name: 'the-read-engine-knows-no-capability',
    comment: 'The read engine works from the schema and the metadata; a capability named in it would be a special case in every plan.',
    from: { path: READ },
    to: { path: OURS, pathNot: [CORE, READ, GRAPHQL_HELPERS] },
  },
  {
    name: 'services-stay-below-the-graph',
    comment: 'Services, policies, loaders and inputs serve every door alike: they stand on core, read and other capabilities, '
      + 'never on graphql/, server/, database/, the facade or the configuration.',
    from: { path: CAPABILITY, pathNot: [RESOLVER, ENTITY] },
    // Resolvers have a rule of their own, for everybody.
    to: { path: OURS, pathNot: [CORE, READ, CAPABILITY, RESOLVER] },
  },
  {
    name: 'services-speak-no-graphql',
    comment: 'A rule that knows GraphQL would have to be written again for the next door. Only declarations and resolvers carry its decorators.',
    from: { path: CAPABILITY, pathNot: [RESOLVER, DECLARATION] },
    to: { path: library(GRAPHQL) },
  },
  {
    name: 'capabilities-know-no-transport',
    comment: 'HTTP and sockets end in server/. A capability that reads a request cannot be called by the other doors.',
    from: { path: CAPABILITY },
    to: { path: library(TRANSPORTS) },
  },
  {
    name: 'resolvers-call-their-own-service',
    comment: 'A resolver is one call to its own service. From others it takes declarations and loaders; work across capabilities belongs in a service.',
    from: { path: `^src/(${any(CAPABILITIES)})/.*${RESOLVER}` },
    to: { path: OURS, pathNot: [CORE, READ, GRAPHQL_HELPERS, '^src/$1/', `${CAPABILITY}.*${role(...SHARED_WITH_RESOLVERS)}`, RESOLVER] },
  },
  {
    name: 'resolvers-hold-no-database',
    comment: 'A query in a resolver skips the policy, the transaction and the audit, which live in and under the service.',
    from: { path: RESOLVER },
    to: { path: library(DATABASE) },
  },
  {
    name: 'only-the-schema-gathers-resolvers',
    comment: 'A resolver is an entrance, not a library: src/graphql/schema.ts lists them, nobody else needs them.',
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
    comment: 'broker/ is a door like the graph: it carries events out and messages in, and what is done about them is a service.',
    from: { path: BROKER },
    to: { path: OURS, pathNot: [BROKER, CORE, CAPABILITY] },
  },
  {
    name: 'only-the-server-knows-the-broker',
    comment: 'The server runs with a broker or without: whoever has something to tell writes an event and asks nobody whether there is one.',
    from: { path: PRODUCTION, pathNot: ['^src/server/', BROKER] },
    to: { path: BROKER },
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
    name: 'the-facade-engine-uses-the-door',
    comment: 'The engine reaches the data through graphql/door, as a client would, and knows no dialect: a dialect is data to it.',
    from: { path: '^rest-facade/engine/' },
    to: { path: OURS, pathNot: ['^rest-facade/engine/', '^src/graphql/door(?:\\.ts$|/)', '^src/core/(?:errors|context|once)\\.ts$'] },
  },
  {
    name: 'dialects-stand-apart',
    comment: 'A dialect is rows and manners for the engine. It can be removed by deleting its folder, so it shares nothing with another one.',
    from: { path: `^rest-facade/(${any(DIALECTS)})/` },
    to: { path: OURS, pathNot: ['^rest-facade/engine/', '^rest-facade/$1/'] },
  },
  {
    name: 'nothing-imports-tests',
    comment: 'Tests are not delivered.',
    from: { path: PRODUCTION },
    to: { path: '^test/' },
  },
  {
    name: 'production-needs-no-dev-dependency',
    comment: 'The image is installed without dev dependencies: what runs must be declared in dependencies. Types vanish and may come from anywhere.',
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
    exclude: { path: '(?:^|/)dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
