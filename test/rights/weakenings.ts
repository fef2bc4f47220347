import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fieldNeeds } from '../../src/core/needs.js';
import { columnsOf, type ColumnSpec, type Mask } from '../../src/model/columns.js';
import { derivedFacts } from '../../src/model/derived.js';
import type { EntityClass } from '../../src/model/model.js';
import { byRole, byScope, needs, ownedKinds, type Need, type Rights, type RightUse } from '../../src/core/rights.js';
import { access, accessOf } from '../../src/read/access.js';
import { changeableRows, ownRows, visibleRows } from '../../src/read/conditions.js';
import { setVisibility } from '../../src/write/lookup.js';
import { entities } from '../../mikro-orm.config.js';

// Every policy of the server made weaker, one by one, in the tables that the server goes by: which there are follows from
// these tables, so that a new policy is weakened as well.

/** What a policy is about, and with it by which questions its absence is noticed. */
export type Kind = 'right' | 'rows' | 'own' | 'exists' | 'only' | 'mask' | 'fact' | 'need' | 'check' | 'lookup';

export interface Weakening {
  name: string;
  kind: Kind;
  /** entity or fact that it is about; role or scope, and right; or need, and a mutation or part of the name of some */
  about: string;
  /** makes the policy weaker; what it returns makes it as it was */
  weaken: () => () => void;
}

const classes = entities as readonly EntityClass[];

/** Sets a member of a table, and gives back how it is set as it was. */
function changed<T extends object>(table: T, change: Partial<Record<keyof T, unknown>>): () => void {
  const before = { ...table };
  Object.assign(table, change);
  return () => void Object.assign(table, before);
}

/** Those reaches, for one use among all records. */
const reachingAll = (reaches: Partial<Rights>['reaches'], use: RightUse): Rights['reaches'] =>
  Object.fromEntries(
    ownedKinds.map((kind) => [kind, { see: [], write: [], own: [], ...reaches?.[kind], [use]: ['ALL'] }]),
  ) as unknown as Rights['reaches'];

/** Every right that a role or a scope does not give, given. */
function rightsGiven(): Weakening[] {
  const holders = { ...byRole, ...byScope } as Record<string, Partial<Rights>>;
  const rights: Array<keyof Rights> = [
    'see',
    'write',
    'contactData',
    'amounts',
    'audit',
    'export',
    'administer',
    'platform',
  ];
  const reaches: ReadonlyArray<keyof Rights> = ['see', 'write', 'contactData', 'amounts'];
  return Object.entries(holders).flatMap(([holder, held]) =>
    rights
      .filter((right) => (reaches.includes(right) ? held[right] !== 'all' : held[right] !== true))
      .map((right) => ({
        name: `${holder} has ${right}`,
        kind: 'right' as const,
        about: `${holder} ${right}`,
        weaken: () => {
          // what a scope does not mention has to be gone again afterwards
          const given = {
            ...held,
            [right]: reaches.includes(right) ? 'all' : true,
            // in a tenant that has changed some reaches, what a role sees and changes is worked out from them
            ...((right === 'see' || right === 'write') && { reaches: reachingAll(held.reaches, right) }),
            // who may change all changes what belongs to the whole tenant as well
            ...(right === 'write' && { wholeTenant: true }),
          };
          const table = (holder in byRole ? byRole : byScope) as Record<string, Partial<Rights>>;
          table[holder] = given;
          return () => void (table[holder] = held);
        },
      })),
  );
}

const hasMasks = (entity: EntityClass): boolean =>
  [...columnsOf(entity).values()].some(({ mask }) => mask !== undefined);

/** Every condition on rows, dropped. */
function rowsShown(): Weakening[] {
  return classes.flatMap((entity) => {
    const rules = accessOf(entity);
    if (!rules) return [];
    const dropped = (kind: 'rows' | 'own' | 'exists' | 'only', change: object): Weakening => ({
      name: `${kind} of ${entity.name}`,
      kind,
      about: entity.name,
      weaken: () => {
        access(entity, { ...rules, ...change });
        return () => access(entity, rules);
      },
    });
    return [
      ...(rules.visible ? [dropped('rows', { visible: () => 'true' })] : []),
      // what is one's own is shown unmasked: it counts where something is masked
      ...(rules.own && hasMasks(entity) ? [dropped('own', { own: () => 'true' })] : []),
      ...(rules.exists ? [dropped('exists', { exists: undefined })] : []),
      ...(rules.only ? [dropped('only', { only: undefined })] : []),
    ];
  });
}

/** Every mask, taken off. */
const masksTaken = (): Weakening[] =>
  classes.flatMap((entity) =>
    [...columnsOf(entity).values()]
      .filter((spec): spec is ColumnSpec & { mask: Mask } => spec.mask !== undefined)
      .map((spec) => ({
        name: `mask of ${entity.name}.${spec.property}`,
        kind: 'mask',
        about: entity.name,
        weaken: () => changed(spec, { mask: undefined }),
      })),
  );

/** Facts that are worked out of values as they are shown: their masks hide them, and the table only has them named as hidden. */
const ofShownValues: readonly string[] = ['Campaign.returnOnInvestment'];

/** Every derived fact that is hidden with what it follows from, shown. */
const factsShown = (): Weakening[] =>
  Object.entries(derivedFacts)
    .filter(([fact, { treatment }]) => treatment !== 'public' && !ofShownValues.includes(fact))
    .map(([fact, table]) => ({
      name: `fact ${fact}`,
      kind: 'fact',
      about: fact,
      weaken: () => changed(table as { from: unknown }, { from: [] }),
    }));

/** What is asked for where nothing is: a need that everybody meets. */
const nothing = 'nothing' as Need;
(needs as Record<string, (rights: Rights) => boolean>)[nothing] = () => true;

/** What each mutation and query takes, not asked for. */
const needsDropped = (): Weakening[] =>
  [...fieldNeeds].map(([name, need]) => ({
    name: `need of ${name}`,
    kind: 'need',
    about: `${need} ${name}`,
    weaken: () => {
      const table = fieldNeeds as Map<string, Need>;
      table.set(name, nothing);
      return () => void table.set(name, need);
    },
  }));

/** Each place of the services where a right is demanded by name, not asked there: found by the name of the function around it. */
function checksDropped(): Weakening[] {
  const root = join(import.meta.dirname, '../../src');
  return globSync('*/*.ts', { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(/\bdemand\(ctx\.rights, '(\w+)'\)/g)]
      .filter(({ index }) => text[index - 1] !== '.')
      .map(({ 1: named, index }) => {
        const need = named as Need;
        const around = [...text.slice(0, index).matchAll(/function (\w+)|const (\w+) = (?:async )?\(/g)].at(-1)!;
        const name = around[1] ?? around[2]!;
        return {
          name: `check in ${file} ${name}`,
          kind: 'check' as const,
          about: `${need} ${file
            .split('/')[1]!
            .split('.')[0]!
            .replaceAll('-', '')
            .replace(/^linked|administration$/, '')}`,
          weaken: () => {
            const asked = needs[need];
            const isThere = (): boolean =>
              new Error('where').stack!.split('\n').some((line) => line.includes(` ${name} `) && line.includes(file));
            return changed(needs, { [need]: (rights: Rights) => isThere() || asked(rights) });
          },
        };
      });
  });
}

/** What commands ask of the records that they are given, not asked for one entity: to be seen, to be changed, to be one's own. */
function lookupsDropped(): Weakening[] {
  const conditions = { visible: visibleRows, changeable: changeableRows, own: ownRows };
  const open = { visible: '', changeable: '', own: 'true' };
  return classes.flatMap((entity) =>
    (['visible', 'changeable', 'own'] as const)
      .filter((which) => (which === 'own' ? accessOf(entity)?.own : accessOf(entity)))
      .map((which) => ({
        name: `${which} ${entity.name} in commands`,
        kind: 'lookup',
        about: entity.name,
        weaken: () => {
          setVisibility({
            ...conditions,
            [which]: (ctx: Parameters<typeof visibleRows>[0]): ReturnType<typeof visibleRows> => {
              const asked = conditions[which](ctx);
              return (model, ...more) => (model.type === entity ? open[which] : asked(model, ...more));
            },
          });
          return () => setVisibility(conditions);
        },
      })),
  );
}

/** Every weakening. */
export const weakenings = (): Weakening[] => [
  ...rightsGiven(),
  ...rowsShown(),
  ...masksTaken(),
  ...factsShown(),
  ...needsDropped(),
  ...checksDropped(),
  ...lookupsDropped(),
];
