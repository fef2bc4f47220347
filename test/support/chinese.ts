import { isEnumType, isInputObjectType, isObjectType } from 'graphql';
import { schema } from './mutations.js';

/** All words of the graph: names of types, of fields and arguments, of values. */
const graphWords = new Set(
  Object.values(schema.getTypeMap()).flatMap((type) => [
    type.name,
    ...(isEnumType(type) ? type.getValues().map(({ name }) => name) : []),
    ...(isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()) : []),
    ...(isObjectType(type) ? Object.values(type.getFields()).flatMap(({ args }) => args.map(({ name }) => name)) : []),
  ]),
);

/** What Chinese sentences call as it is called in English. */
const ofPeople = new Set(['ID', 'JSON', 'API', 'URL']);

/** Whether a sentence is Chinese without a word of the graph, but for the variables that the caller has named. */
export const isChineseAlone = (message: string): boolean =>
  /\p{Script=Han}/u.test(message) &&
  (message.replaceAll(/\$\w+/g, '').match(/[A-Za-z_]{2,}/g) ?? []).every(
    (word) => ofPeople.has(word) || !graphWords.has(word),
  );
