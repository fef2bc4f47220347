import { errorTable, messageOf, type ErrorCode } from '../../src/core/errors.js';
import { fieldLabel, pathLabel } from '../../src/core/labels.js';
import { isChineseAlone } from '../support/chinese.js';
import { placesWhere } from '../support/inputs.js';
import { schema } from '../support/mutations.js';

// The dictionary by itself: every sentence of the table of errors about every argument of the graph.
// `test/requests/chinese.test.ts` holds the sentences themselves.

/** What a sentence has to name as it is written: headers, parameters of addresses, keys of the configuration, commands, formats and protocols. */
const asWritten =
  /参数 filter 和 orderBy|If-Match|X-Request-ID|CRM_[A-Z_]+|crm tenant (?:create|update --active)|multipart(?:\/form-data)?|application\/json|WebSocket \(graphql-ws\)|\/graphql|JSON|UTF-8|ID|U\+0000/g;

test('every argument and every field of an input has a name for sentences', () => {
  const paths = [
    ...placesWhere(() => true).map(([, path]) => path.split('.')),
    ...[schema.getQueryType()!, schema.getSubscriptionType()!].flatMap((type) =>
      Object.values(type.getFields()).flatMap(({ args }) => args.map(({ name }) => [name])),
    ),
  ];
  const nameless = new Set(
    paths.flatMap((path) => path.filter((step) => !/^\d+$/.test(step) && fieldLabel(step) === undefined)),
  );
  expect([...nameless]).toEqual([]);
  const codes = Object.keys(errorTable) as ErrorCode[];
  const wrong = paths.flatMap((field) =>
    codes
      .map((code) => messageOf({ code, field, params: { min: 0, max: 1, from: 'x', to: 'y', reason: '' } }, 'zh'))
      .filter((message) => !isChineseAlone(message.replaceAll(asWritten, '中')) || message.includes('该字段')),
  );
  expect([...new Set(wrong)].slice(0, 5)).toEqual([]);
  expect(pathLabel(['inputs', '3', 'name'])).toBe('列表第 4 项的名称');
});
