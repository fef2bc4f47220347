import { jsonAround, jsonOf } from '../../../rest-facade/engine/json-bytes.js';

const value = { name: '华信', note: 'a "quote", \uD800 and a line\n', none: undefined, list: [null, 1.5, undefined] };
class Made {
  constructor(readonly data: unknown) {}
  toJSON(): object {
    return { made: this.data };
  }
}

test.each<[what: string, body: unknown]>([
  ['the value itself', value],
  ['an envelope that ends with it', { code: 200, message: 'success', data: value }],
  ['an envelope with something behind it', { success: true, data: value, timestamp: '2026', trace: null }],
  ['an envelope that has it twice', { data: value, again: value }],
  ['an envelope that begins with nothing', { none: undefined, '名"': value, last: undefined }],
  ['an envelope without it', { data: null }],
  ['nothing but an envelope', {}],
  ['a value deeper inside', { data: { value } }],
  ['a list', [value]],
  ['something that knows its own JSON', new Made(value)],
  ['no value', null],
])('%s is written as JSON writes it', (_what, body) => {
  expect(jsonAround(body, value, jsonOf(value)).bytes.toString()).toBe(JSON.stringify(body));
  expect(jsonOf(body).bytes.toString()).toBe(JSON.stringify(body));
});
