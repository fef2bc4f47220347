import { ManyToOne, PrimaryKey } from '@mikro-orm/decorators/legacy';
import { entityRegistry } from './entity.js';
import type { EntityModel } from './model.js';

/**
 * A row of a gram table: a short piece of what a record can be found by. "Contains" on a column cannot use an index under
 * row level security, since the operators that could are not leakproof; comparing grams can. A gram table is written by
 * the statement that writes the record, and only narrows down: what is found is still compared with the columns.
 */
export abstract class NgramRow {
  @ManyToOne({
    entity: () => entityRegistry.tenant as never,
    primary: true,
    joinColumn: 'tenant_id',
    createForeignKeyConstraint: false,
  })
  tenant!: object;

  @PrimaryKey({ type: 'text', collation: 'C' })
  gram!: string;

  @PrimaryKey({ type: 'uuid' })
  id!: string;
}

const ngramTable = ({ table }: EntityModel): string => `"${table}_gram"`;

/** What a row can be found by as one text: its searched columns, and phones without their separators, which is how masks show them. */
function searchedText(model: EntityModel, row: string): string {
  const parts = model.searched.flatMap(({ column, spec }) => {
    const plain = `${row}."${column}"`;
    return spec?.mask === 'phone' ? [plain, `nullif(regexp_replace(${plain}, '\\D', '', 'g'), ${plain})`] : [plain];
  });
  return `concat_ws(E'\\n', ${parts.join(', ')})`;
}

const selectNgrams = (model: EntityModel, row: string): string =>
  `select ${row}.tenant_id, gram, ${row}.id from ${row}, grams(${searchedText(model, row)}) gram`;
/** Many rows go into an index faster in its order. */
const indexOrder = 'order by 2, 3';
const columnsOf = (model: EntityModel): string =>
  ['tenant_id', 'id', ...model.searched.map(({ column }) => `"${column}"`)].join(', ');

/** Parts of a statement that adds a record, or `many` of them (`insert`, still without `returning`), together with the grams. */
export const insertWithNgrams = (
  model: EntityModel,
  insert: string,
  many: boolean,
): Array<[name: string, sql: string]> => [
  ['added§', `${insert} returning ${columnsOf(model)}`],
  [
    'noted§',
    `insert into ${ngramTable(model)} (tenant_id, gram, id) ${selectNgrams(model, 'added§')}${many ? ` ${indexOrder}` : ''} returning id`,
  ],
];

/** A statement that changes the record `$2` of the tenant `$1` (`update`, without `returning`) and brings its grams in line. */
export function updateWithNgrams(model: EntityModel, update: string): string {
  const [old, present] = [selectNgrams(model, 'before'), selectNgrams(model, 'changed')];
  return `with before as (select ${columnsOf(model)} from "${model.table}" where tenant_id = $1 and id = $2),
    changed as (${update} returning ${columnsOf(model)}),
    gone as (delete from ${ngramTable(model)} g using (${old} except ${present}) o where g.tenant_id = $1 and o.tenant_id = $1 and g.gram = o.gram and g.id = o.id returning g.id),
    noted as (insert into ${ngramTable(model)} (tenant_id, gram, id) ${present} except ${old} returning id)
    select id from changed`;
}

/** A statement that gives grams to records of the tenant `$1` that were stored without them. */
export const fillNgramsOfTenant = (model: EntityModel): string =>
  `with stored as (select ${columnsOf(model)} from "${model.table}" where tenant_id = $1) insert into ${ngramTable(model)} (tenant_id, gram, id) ${selectNgrams(model, 'stored')} ${indexOrder}`;

/** Whether grams tell too little of a text: a few signs of ASCII are everywhere, and a mask is of no record's own. */
export const isTooCommon = (text: string): boolean => /^[\0-\x7f]{0,3}$|\*/.test(text.normalize('NFKC'));
const tooCommon = (text: string): string => `fold(${text}) ~ '^[\x01-\x7f]{0,3}$|[*]'`;

/**
 * SQL for an array of the records among which every one that contains the text is found, by the rarest of the text's
 * grams; `tenant` is the tenant's id. Only for texts of which grams tell something.
 */
export function candidates(model: EntityModel, tenant: string, text: string): string {
  return `array(${selectCandidates(model, tenant, text)})`;
}

/** As `candidates`, for any text: those of which grams tell too little may be contained in all records. */
export const candidatesOfAny = (model: EntityModel, tenant: string, text: string): string =>
  `array(${selectCandidates(model, tenant, text)} union all select r.id from "${model.table}" r where r.tenant_id = ${tenant} and ${tooCommon(text)})`;

function selectCandidates(model: EntityModel, tenant: string, text: string): string {
  const ngrams = (bounds: string): string =>
    `from ${ngramTable(model)} g where g.tenant_id = ${tenant} and g.gram >= ${bounds}.gram and g.gram < ${bounds}.beyond`;
  const rarest = `select distinct on (share) gram, beyond from search_grams(${text}) s order by share, (select count(*) from (select 1 ${ngrams('s')} limit ${ngramCountLimit}) n)`;
  return `select f.id from (${rarest}) best cross join lateral (select g.id ${ngrams('best')}) f`;
}

/** How far the occurrences of a gram are counted to see whether it is rare. */
const ngramCountLimit = 500;
