import { argumentLabels } from './labels/arguments.js';
import { fieldLabels } from './labels/fields.js';
import { labelIn, type Label } from './labels/labels.js';
import { labelsOfTypes } from './labels/of-types.js';
import { recordLabels } from './labels/records.js';
import { reportLabels } from './labels/reports.js';
import { valueLabels } from './labels/values.js';

// How everything in the graph is called by people, in Chinese and English: the one dictionary of messages, exported files
// and screens (`enumLabels`, `recordLabels`). Its words stand in `labels/`.

export { wordsOf, type Label } from './labels/labels.js';

/** What a kind of record is called: in English as a sentence begins, in Chinese as it stands inside one. */
export const recordLabel = (type: string): Label | undefined => labelIn(type, recordLabels);

/** The record, or the object, that an input, a filter or an order is about: `Customer` of `CustomerFilter`. */
const aboutOf = (type: string): string =>
  type.replace(/(Metrics|Rating)?(Create|Correct|Renew)?(Input|Filter|Edit|Order|Event)$/, '');

/** What a field or an argument is called, in the type if one is named. */
export function fieldLabel(name: string, type = ''): Label | undefined {
  return (
    labelIn(`${type}.${name}`, labelsOfTypes) ??
    labelIn(`${aboutOf(type)}.${name}`, labelsOfTypes) ??
    labelIn(name, fieldLabels, argumentLabels, reportLabels)
  );
}

/** `NEXT_RENEWAL_ON` as the field that it stands for: `nextRenewalOn`. */
const fieldOf = (value: string): string =>
  value.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** What a value of an enumeration is called. Values that stand for fields are called as these. */
export function valueLabel(enumeration: string, value: string): Label | undefined {
  const own = labelIn(value, valueLabels[enumeration] ?? {});
  const about = /^(\w+?)(?:Order|Search|Group|Measure|Choice)?Field$/.exec(enumeration)?.[1];
  return own ?? (about === undefined ? undefined : fieldLabel(fieldOf(value), about));
}

/** What a flag is called where it is shown as a word. */
export const flagLabel = (set: boolean): Label => (set ? { zh: '是', en: 'Yes' } : { zh: '否', en: 'No' });

/** The part of a path that sentences name: `input` says nothing to those who read them. */
export const pathInMessages = (path: readonly string[]): readonly string[] =>
  path[0] === 'input' && path.length > 1 ? path.slice(1) : path;

/** A field in Chinese by its path, e.g. `contacts.0.email`: 联系人列表第 1 项的邮箱. */
export function pathLabel(whole: readonly string[]): string {
  const path = pathInMessages(whole);
  return path.reduce((label, segment) => {
    if (/^\d+$/.test(segment)) return `${label}第 ${Number(segment) + 1} 项`;
    const name = fieldLabel(segment)?.zh ?? '该字段';
    return label === '' || segment === path[0] ? name : `${label}的${name}`;
  }, '');
}

/** A message with another name for the field that it is about, e.g. the one that a REST client has sent. */
export function withFieldName(message: string, path: readonly string[], name: string): string {
  const label = pathLabel(path);
  if (label !== '' && message.startsWith(label)) return `${name} ${message.slice(label.length)}`;
  return message.replace(pathInMessages(path).join('.'), () => name);
}
