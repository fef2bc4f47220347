import type { Mask } from '../model/columns.js';
import { moneyField, type Listed, type Scope } from '../model/fields.js';
import { allModels } from '../model/model.js';

/** How a stored value is shown: the graph's name of the field, its mask, its decimals. */
interface Treatment {
  name?: string;
  mask?: Mask;
  scale?: number;
}

let known: string | undefined;

/**
 * These by record type and property, for fields that need one, as JSON inside a statement. Built from the program's
 * own names only.
 */
function treatments(): string {
  known ??= JSON.stringify(
    Object.fromEntries(
      allModels().map((model) => {
        const fields = [...model.fields.values()].map(({ property, sqlType, spec }): [string, Treatment] => {
          const name = moneyField(model.type, property);
          const [, scale] = /^numeric\(\d+,\s*(\d+)\)/.exec(sqlType) ?? [];
          return [
            property,
            { ...(name && { name }), ...(spec?.mask && { mask: spec.mask }), ...(scale && { scale: Number(scale) }) },
          ];
        });
        return [model.name, Object.fromEntries(fields.filter(([, treatment]) => Object.keys(treatment).length > 0))];
      }),
    ),
  );
  return known;
}

/** How a text is shown to those who may not see it. */
const masked: Record<Mask, (text: string) => string> = {
  phone: (text) => `mask_phone(${text})`,
  email: (text) => `mask_email(${text})`,
  contact: () => 'null',
  amount: () => 'null',
};

/**
 * The changed fields of an entry with their values before and after, under the graph's names and masked as on the
 * record itself.
 */
export function changedFields(entry: Scope): Listed {
  const hidden = hiding(entry);
  const value = (place: 0 | 1): string => {
    const text = `c.value ->> ${place}`;
    const plain = `case when m.t ? 'scale' then round((${text})::numeric, (m.t ->> 'scale')::int)::text else ${text} end`;
    const choices = (Object.keys(masked) as Mask[])
      .filter((mask) => entry.reach(mask) !== 'all')
      .map((mask) => {
        const hidden = masked[mask](text);
        return `when m.t ->> 'mask' = '${mask}' then ${entry.reach(mask) === 'own' ? `case when o.own then ${plain} else ${hidden} end` : hidden}`;
      });
    if (hidden !== '') choices.unshift('when c.key = any(h.hidden) then null');
    return choices.length > 0 ? `case ${choices.join(' ')} else ${plain} end` : plain;
  };
  return {
    select: `select coalesce(m.t ->> 'name', c.key) as "field", ${value(0)} as "before", ${value(1)} as "after"
      from jsonb_each(${entry.col('stored')}) c cross join lateral (select '${treatments()}'::jsonb -> ${entry.col('recordType')} -> c.key as t) m${ownership(entry)}${hidden} order by 1`,
  };
}

/** Whether the entry's record is the caller's own, where that decides what is masked. */
function ownership(entry: Scope): string {
  if (!(Object.keys(masked) as Mask[]).some((mask) => entry.reach(mask) === 'own')) return '';
  const isMasked = [...allModels()].filter(
    ({ owned, fields }) => owned && [...fields.values()].some(({ spec }) => spec?.mask),
  );
  const cases = isMasked.map(({ name, type }) => `when '${name}' then ${entry.owns(type, entry.col('recordId'))}`);
  return ` cross join lateral (select case ${entry.col('recordType')} ${cases.join(' ')} else false end as own) o`;
}

/** Which columns are hidden from the caller in the entry's record, where some can be. */
function hiding(entry: Scope): string {
  const cases = [...allModels()].flatMap(({ name, type, fields }) => {
    if (![...fields.values()].some(({ spec }) => spec?.hideable)) return [];
    const { from, where, row } = entry.unscoped(type, true);
    const names = [...fields.values()].flatMap(({ property }) => {
      const condition = row.hidden(property);
      return condition === 'false' ? [] : [`case when ${condition} then '${property}' end`];
    });
    if (names.length === 0) return [];
    return [
      `when '${name}' then (select array[${names.join(', ')}]::text[] from ${from} where ${where} and ${row.col('id')} = ${entry.col('recordId')})`,
    ];
  });
  return cases.length > 0
    ? ` cross join lateral (select case ${entry.col('recordType')} ${cases.join(' ')} end as hidden) h`
    : '';
}
