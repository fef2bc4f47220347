/** Words that names in this project no longer use, with what is said instead. Names are split at capitals, digits and underscores. */
export const oldWords: Readonly<Record<string, string>> = {
  gram: 'ngram',
  grams: 'ngrams',
  lane: 'fast path',
  lanes: 'queues',
  pipe: 'pipelined connection',
  pipes: 'pipelined connections',
  pace: 'latency estimate',
  entering: 'tenant context',
  wall: 'row-level-security policy',
  walls: 'row-level-security policies',
  walled: 'protected',
  door: 'in-process client',
  face: 'channel',
  faces: 'channels',
  bell: 'notification',
  doorbell: 'notifications',
  hear: 'check the outbox',
  heard: 'received',
  heed: 'subscribe',
  heeding: 'handlers',
  rung: 'notified',
  told: 'published, notified or delivered',
  tell: 'publish, notify or deliver',
  teller: 'generator',
  turn: 'lease',
  readings: 'aggregates',
  figure: 'aggregate or metric',
  figures: 'aggregates or metrics',
  vouched: 'known visible',
  refers: 'reference is visible',
  bare: 'unscoped',
  lives: 'exists',
  living: 'active',
  overtaken: 'version conflict',
  usual: 'default',
  most: 'max',
  member: 'field',
  members: 'fields',
  deal: 'opportunity',
  deals: 'opportunities',
  act: 'operation',
  acts: 'operations',
  manners: 'settings',
  blame: 'refusal attribution',
  gather: 'collect or batch',
  kin: 'entity registry',
  anew: 'fresh context',
  frozen: 'snapshot',
  freeze: 'open snapshot',
  castable: 'can cast',
  untellable: 'too common',
  dice: 'random',
  patience: 'a time named by what it limits',
  abreast: 'max concurrent',
};

/** Words that mean one thing, and the files whose names may use them: for another thing there is another word. */
export const oneMeaning: Readonly<Record<string, { files: RegExp; means: string; instead: string }>> = {
  explain: {
    files: /^(src\/database\/explain|src\/server\/graphql\/)/,
    means: 'to ask PostgreSQL how it executes a statement',
    instead: 'refusalOfViolation',
  },
  health: {
    files:
      /^(?!src\/(?:server|database|core)\/)|^src\/server\/(?:jobs|cli)\/|^src\/server\/app|^src\/database\/migrations\/|^src\/core\/(?:labels|log)/,
    means: 'how a customer does; that of the server is asked by probes',
    instead: 'probe',
  },
  plan: {
    files:
      /^(src\/read\/|rest-facade\/|src\/server\/graphql\/explain|src\/database\/explain|src\/campaigns\/|src\/demo\/)/,
    means: 'how a request or a statement is executed, worked out before',
    instead: 'schedule',
  },
};

/** Places where an old word stays, and why: the name as it is written, the files (by how their path begins), the reason. */
export const exceptions: ReadonlyArray<{ names: RegExp; files: RegExp; reason: string }> = [
  {
    names: /^(gram|told_due_at|toldDueAt|act|face)$/,
    files: /^(src|test)\//,
    reason: 'columns of released migrations: ngram tables, due records, audit entries',
  },
  {
    names: /^(Entering|Readers|grams|0006-entering)$/,
    files: /^(src\/database\/migrations\/|bench\/)/,
    reason: 'names of released migrations and of their functions',
  },
  {
    names:
      /^(member|members|Member|Members|_member|noMember|ofMembers|withoutMembers|memberRows|member_\w+|MemberRelation|MemberLink|CustomerOfMember)$/,
    files: /^(rest-facade\/(platform|cell)\/|test\/)/,
    reason: 'members are people in the REST dialect `platform`',
  },
  {
    names:
      /^(\w*([pP]ool|[cC]ustomer)(Set)?Members?\w*|viewerCanSetMembers|SetMembers|setMembers|maxMembers|MembersOfPool|membersOf|Member|(pool|customer)_member\w*|MEMBER|MEMBERS|NOT_POOL_MEMBER|members?|isMember|isMemberOfPool|membersOfPool|MemberAccess|memberActions|memberResolvers)$/,
    files:
      /^(src\/(pools|ownership|demo|core\/(labels|errors|permissions)|customers\/(member|customer\.)|schema\/schema|database\/migrations)|mikro-orm|test\/|schema)/,
    reason: 'members are people who work with a pool, or on a customer',
  },
  {
    names: /^(averageDealSize|most_used_features)$/,
    files: /^(rest-facade|test\/rest-facade)\//,
    reason: 'fields of the REST dialects',
  },
  {
    names: /^(refersTo|refersToNamed)$/,
    files: /^src\//,
    reason: 'a foreign key refers to a table: the term of the field',
  },
  {
    names: /^(atMost|scoreAtMost|mostLiteral)$/,
    files: /^(src|rest-facade)\//,
    reason: 'plain English: a bound, a superlative',
  },
  {
    names: /^(pipe|pipeThrough|freezePane)$/,
    files: /^(test|rest-facade|src\/core\/json-body)/,
    reason: 'names of streams and of a library',
  },
  { names: /^(bare)$/, files: /^(src\/read\/leaf|rest-facade|test\/support)/, reason: 'a type without its wrappers' },
  { names: /^(deal|member)$/, files: /^test\/architecture\/schema-words/, reason: 'words that the graph does not use' },
  { names: /^(Deal|deal|CreateDealInput|createDeal)$/, files: /^bench\//, reason: "the contenders' own schema" },
];

/** Words of prose with a meaning of their own here that no reader knows, and what is said instead: in comments, messages, descriptions, decisions and names of tests. */
export const oldPhrases: ReadonlyArray<[phrase: RegExp, instead: string]> = [
  [/\b(?:[Uu]nless|be|been|is|are|was|were) told(?! (?:apart|to stop)\b)/, 'said, published, notified or reported'],
  [/\b[Tt]ells\b/, 'says, shows or publishes'],
  [/\b(?:doorbell|vouched)\b/, 'notification; known visible'],
  [/\b(?:heard|hears? (?:of|only))\b/, 'is notified of'],
  [/\bliving\b/, 'active, running, or not deleted'],
  [/\bmanners?\b/, 'settings, or "as … does"'],
  [/\bfigures?\b/, 'value, number, count; metric'],
  [/\blanes?\b/, 'fast path; queue'],
  [/\b(?:[Aa]bsent|[Ww]rong|[Cc]hanges) members\b/, 'fields'],
];
