import { Migration } from '@mikro-orm/migrations';

/**
 * search_words: the words of a text that is looked for, in the form in which texts are searched; each of them
 * has to be found. What is a phone of seven digits or more, however it is spaced, is one word. An empty text is one empty
 * word, which everything contains.
 */
export class Words extends Migration {
  override up(): void {
    this.addSql(`create function search_words(value text) returns text[] language sql immutable parallel safe
      return case when length(dialled(value)) >= 7 then array[text_key(value)] else regexp_split_to_array(text_key(value), ' ') end`);
  }

  override down(): void {
    this.addSql('drop function if exists search_words(text)');
  }
}
