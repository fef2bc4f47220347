import { isObjectType } from 'graphql';
import type { Place } from './graph.js';
import type { Rule } from './schema-rules.js';

// What descriptions and names of the graph say. The forms are in `schema-rules.ts`.

const namesOf = (places: readonly Place[]): string[] => places.map(({ place }) => place);

/** Words that say nothing by themselves. */
const small = new Set(
  'the a an of it its is are was be been in on at by to and or what who how whether that which this for with when where one there'.split(
    ' ',
  ),
);
const wordsOf = (text: string): string[] =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.replace(/s$/, ''));

const saysMore = ({ name, description }: Place): boolean => {
  const known = new Set(wordsOf(name));
  return wordsOf(description).some((word) => !known.has(word) && !small.has(word));
};

/** A mutation is called by a record (of many: in the plural) and one verb for each kind of act, of these. */
export const verbs: Readonly<Record<string, string>> = {
  Assign: 'gives it to somebody to look after',
  Attach: 'attaches it to a record',
  CalculateHealth: 'computes a score of it',
  Cancel: 'calls it off',
  Change: 'decides it anew, where something is decided in any case',
  ChangeStage: 'moves it to another stage',
  ChangeStatus: 'moves it to another status',
  Close: 'closes it, with what came of it',
  Complete: 'records that it has taken place',
  Convert: 'makes other records of it',
  Correct: 'corrects what is closed',
  Create: 'makes a record, also one that links two others',
  Deactivate: 'takes somebody the right to sign in',
  Delete: 'hides it, or removes a link for good',
  Detach: 'takes it off the record that it is attached to',
  Disable: 'stops it',
  Enable: 'lets it work again',
  Expire: 'marks what is over',
  HandOver: 'gives to others what it looks after',
  Lose: 'closes it as lost',
  Move: 'puts it elsewhere in a tree',
  MovePool: 'puts it into another pool',
  Onboard: 'makes it together with its parts',
  Pick: 'takes it out of a pool for oneself',
  Reveal: 'shows the caller for a day what its pool hides of it',
  Protect: 'keeps rules from taking it away',
  Rate: 'stores a judgement of it',
  Reactivate: 'lets somebody sign in again',
  RecordMetrics: 'stores results of it',
  Renew: 'opens a new term of it',
  Reopen: 'takes it up again',
  Replay: 'delivers everything again from a place on',
  Restore: 'brings a deleted one back',
  Retry: 'delivers again what failed',
  Return: 'gives it back into a pool',
  Revoke: 'ends it for good',
  Rotate: 'gives it another secret',
  RotateSecret: 'gives it another secret',
  SetDefault: 'makes it what the caller opens its list with',
  SetMembers: 'says who works with it',
  SetPrimary: 'makes it the one that comes first',
  SetRoleDefault: 'makes it what whoever has a role opens its list with',
  Sign: 'puts it into force',
  Start: 'begins it in the background',
  Sync: 'takes over what another system has',
  Transfer: 'hands it to somebody else, with what hangs on it',
  UndoConversion: 'takes a conversion back',
  UnlinkContacts: 'removes its links with several contacts',
  UnlinkCustomers: 'removes its links with several customers',
  Update: 'changes its fields',
  Win: 'closes it as won',
};

/** What mutations are about although the graph does not show it: whoever issues tokens or keeps a directory has them. */
const keptElsewhere: readonly string[] = ['Directory', 'Token'];

/** Words of the REST dialects, and what the graph says. */
const dialectWords: Readonly<Record<string, string>> = {
  account: 'customer',
  cent: 'an amount',
  deal: 'opportunity',
  follow: 'activity',
  loyalty: 'tier',
  owned: 'owner',
  word: 'label',
};
/** Names with such a word that mean something else: the number on a customer's papers, a bank account, the report on loyalty, that nobody has followed up. */
const meant =
  /^(accountNo|ACCOUNT_NO|bankAccount|BANK_ACCOUNT|analyticsLoyalty|Loyalty(Level)?|FOLLOWED?_UP|NO_FOLLOW_UP)$/;

/** What stands in backticks in descriptions and is named elsewhere than in the graph. */
const namedElsewhere = new Set<string>([]);

const hasDefaultInProse =
  /\b([Bb]y default|[Dd]efaults? to|default (value|is)|the default|[Uu]nless told)\b|\b[Ii]f left out, (`?[A-Z][A-Z_]+\b|\d|`?(true|false)\b)/;

export const words: readonly Rule[] = [
  {
    rule: 'everything is described, in sentences',
    broken: ({ places }) => namesOf(places.filter(({ description }) => !/^[\p{Lu}\p{Lo}`].*\.$/su.test(description))),
    seed: {
      sdl: '"Queries." type Query { "what" a("What" b: Int): Int "All of it." c: E d: I } "Kinds." enum E { A "B is it." B } "An input." input I { a: Int }',
      breaks: ['E.A', 'I.a', 'Query.a', 'Query.a(b:)', 'Query.d'],
    },
  },
  {
    rule: 'a description stands alone: it begins with nothing that another one explains',
    broken: ({ places }) =>
      namesOf(
        places.filter(({ description }) =>
          /^(As above|Also|And|Both|Ditto|It|Its|Likewise|Of (these|those)|Or|Same|Such|That|Their|Them|The same|These|They|This|Those)\b/.test(
            description,
          ),
        ),
      ),
    seed: {
      sdl: 'type Query { "These as a fraction of all." a: Int "Its name." b: Int "Italian names." c: Int "Same for d." d("This is one." e: Int): Int }',
      breaks: ['Query.a', 'Query.b', 'Query.d', 'Query.d(e:)'],
    },
  },
  {
    rule: 'a description refers to no neighbour by its place',
    broken: ({ places }) =>
      namesOf(
        places.filter(({ description }) =>
          /\b((as|see|mentioned|named) (above|below)|the above|likewise|ditto|aforesaid|the latter|(previous|next|preceding|first|last) (field|argument|value|type))\b/i.test(
            description,
          ),
        ),
      ),
    seed: {
      sdl: 'type Query { "Amount, see above." a: Int "In EUR, likewise." b: Int "As the previous field." c: Int "Never below 0." d: Int }',
      breaks: ['Query.a', 'Query.b', 'Query.c'],
    },
  },
  {
    rule: 'a description says more than the name',
    broken: ({ places }) => namesOf(places.filter((place) => place.kind !== 'value' && !saysMore(place))),
    seed: {
      sdl: '"What is asked of all." type Query { "The bank name." bankName: Int "When." at: Int "Where the money is kept." bank: Int }',
      breaks: ['Query.at', 'Query.bankName'],
    },
  },
  {
    rule: 'what a description names in backticks like something of the graph is there',
    broken: ({ places }) => {
      const known = new Set(places.map(({ name }) => name));
      return namesOf(
        places.filter(({ description }) =>
          [...description.matchAll(/`([a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*)`/g)].some(
            ([, name]) => !known.has(name!) && !namedElsewhere.has(name!),
          ),
        ),
      );
    },
    seed: {
      sdl: 'type Query { "Moves it as `caseMove` does." a: Int "Moves it as `moveIt` does, in `UTC`." moveIt: Int }',
      breaks: ['Query.a'],
    },
  },
  {
    rule: 'a default stands in the schema, not in the description of an argument or an input field',
    broken: ({ places }) =>
      namesOf(
        places.filter(
          ({ kind, description, defaultValue }) =>
            (kind === 'argument' || kind === 'input field') &&
            defaultValue === undefined &&
            hasDefaultInProse.test(description),
        ),
      ),
    seed: {
      sdl: 'type Query { a("How many, 20 by default." first: Int, "If left out, NAME." by: Int, "How many, 20 by default." size: Int = 20, "If left out, today." day: Int): Int } input I { "Defaults to true." a: Boolean }',
      breaks: ['I.a', 'Query.a(by:)', 'Query.a(first:)'],
    },
  },
  {
    rule: 'a mutation is called by a record and one verb for each kind of act',
    broken: ({ types, mutations }) => {
      const records = [...types.filter(isObjectType).map(({ name }) => name), ...keptElsewhere].map(
        (name) => name[0]!.toLowerCase() + name.slice(1),
      );
      const starts = records.flatMap((record) => [record, `${record}s`, record.replace(/y$/, 'ies')]);
      return mutations
        .filter(({ name }) => !starts.some((start) => name.startsWith(start) && name.slice(start.length) in verbs))
        .map(({ name }) => name);
    },
    seed: {
      sdl: 'type Query { c: Customer } type Customer { x: Int } type Mutation { customerUpdate: Int customersDelete: Int customerShift: Int customerAdd: Int updateCustomer: Int companyUpdate: Int customer: Int }',
      breaks: ['companyUpdate', 'customer', 'customerAdd', 'customerShift', 'updateCustomer'],
    },
  },
  {
    rule: 'no name has a word of a dialect, or is a condition in disguise',
    broken: ({ places }) =>
      namesOf(
        places.filter(
          ({ name }) =>
            !meant.test(name) &&
            (wordsOf(name.replaceAll('_', ' ')).some((word) => Object.hasOwn(dialectWords, word)) ||
              /^[a-z]+Or[A-Z]/.test(name)),
        ),
      ),
    seed: {
      sdl: 'type Query { nameOrCode: Int kindWord: Int ownedBy: Int accountNo: Int amountCents: Int orderBy: Int colour: Account } type Account { recorded: E } enum E { FOLLOW_UP }',
      breaks: ['Account', 'E.FOLLOW_UP', 'Query.amountCents', 'Query.kindWord', 'Query.nameOrCode', 'Query.ownedBy'],
    },
  },
];
