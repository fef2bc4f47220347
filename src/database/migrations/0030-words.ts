import { Migration } from '@mikro-orm/migrations';

/**
 * search_words: the words of a text that is looked for, at most 32; each of them has to be found. What is a phone, however
 * it is spaced, is one word. An empty text is one empty word, which everything contains.
 */
export class Words extends Migration {
  override up(): void {
    this
      .addSql(`create function search_words(value text) returns text[] language sql immutable parallel safe begin atomic
      select case when trimmed ~ '^[-+()./0-9${space}]*$' and char_length(regexp_replace(trimmed, '[^0-9]', '', 'g')) >= 7 then array[trimmed]
        else (regexp_split_to_array(trimmed, '[${space}]+'))[1:32] end
        from (select regexp_replace(value, '^[${space}]+|[${space}]+$', '', 'g') offset 0) t(trimmed);
    end`);
  }

  override down(): void {
    this.addSql('drop function if exists search_words(text)');
  }
}

/** White space within brackets of a regular expression, whatever the collation. */
const space = String.raw`\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff`;
