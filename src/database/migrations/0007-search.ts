import { Migration } from '@mikro-orm/migrations';
import { protectedTables } from './tenant-tables.v1.js';

/** Grams of customers, contacts and opportunities, so that "contains" is found by an index. */
export class Search extends Migration {
  override up(): void {
    this.addSql(functions);
    for (const statement of protectedTables(owned.map(table).join(';\n'), owned, grants)) this.addSql(statement);
    for (const [name, text] of Object.entries(searched)) this.addSql(fill(name, text));
  }

  override down(): void {
    for (const name of owned) this.addSql(`drop table if exists "${name}" cascade`);
    this.addSql('drop function if exists search_grams(text), grams(text), fold(text)');
  }
}

const searched = {
  customer: `concat_ws(E'\\n', account_no, code, name, contact_person, phone, nullif(regexp_replace(phone, '\\D', '', 'g'), phone), email, tax_no, license_no)`,
  contact: `concat_ws(E'\\n', name, department, phone, nullif(regexp_replace(phone, '\\D', '', 'g'), phone), mobile, nullif(regexp_replace(mobile, '\\D', '', 'g'), mobile), email)`,
  opportunity: `concat_ws(E'\\n', code, name)`,
};

const owned = Object.keys(searched).map((name) => `${name}_gram`);

const table = (name: string): string =>
  `create table "${name}" ("tenant_id" uuid not null, "gram" text collate "C" not null, "id" uuid not null, primary key ("tenant_id", "gram", "id"))`;

const grants = owned.map((name) => `grant select, insert, delete on "${name}" to crm_server`);

/**
 * fold: the form in which texts are compared: small letters, full-width signs as half-width ones.
 * grams: up to six signs from each place on; of ASCII every second place is enough, since a text that is looked for has
 * two places to begin with.
 * search_grams: the bounds of the grams that tell where a text is contained, in shares that are looked up each: one, or
 * for ASCII one for each place to begin with. Of each share any gram will do.
 */
const functions = `
create function fold(value text) returns text language sql immutable parallel safe
  return lower(case when octet_length(value) = char_length(value) then value else normalize(value, NFKC) end);

create function grams(value text) returns setof text language sql immutable parallel safe begin atomic
  select distinct substr(folded, place, 6) collate "C" from (select fold(value) offset 0) f(folded), generate_series(1, char_length(folded)) place
    where place % 2 = 1 or ascii(substr(folded, place, 1)) > 127;
end;

create function search_grams(value text) returns table (share int, gram text, beyond text) language sql immutable parallel safe begin atomic
  select case when octet_length(folded) = char_length(folded) then place % 2 else 0 end, substr(folded, place, 6) collate "C", substr(folded, place, 6) || U&'\\+10FFFF' collate "C"
    from (select fold(value) offset 0) f(folded), generate_series(1, char_length(folded)) place
    where octet_length(folded) = char_length(folded) or ascii(substr(folded, place, 1)) > 127;
end;
`;

/** Grams of what is stored already, tenant by tenant: the wall holds for whoever migrates as well. */
const fill = (name: string, text: string): string => `
do $$ declare one uuid; begin
  for one in select id from tenant loop
    perform set_config('app.tenant_id', one::text, true);
    insert into "${name}_gram" (tenant_id, gram, id) select r.tenant_id, g, r.id from "${name}" r, grams(${text}) g where r.tenant_id = one order by 2, 3;
  end loop;
  perform set_config('app.tenant_id', '', true);
end $$`;
