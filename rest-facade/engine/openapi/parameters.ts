import type { Dialect } from '../types.js';
import type { Parameter } from './document.js';

/** How a list that can be a file is asked for. */
export const format: Parameter = {
  name: 'format',
  in: 'query',
  required: false,
  description: 'A file where it names one; JSON without it.',
  schema: { type: 'string' },
};

/** How a list is asked for that is a file in any case. */
export const oneOf = (formats: object): Parameter => ({
  ...format,
  description: 'The kind of file.',
  schema: { type: 'string', enum: Object.keys(formats), default: Object.keys(formats)[0] },
});

export const ifNoneMatch: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'Tags that the client holds; 304 without a body if one of them is the present one.',
  schema: { type: 'string' },
};

export const ifMatch: Parameter = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description:
    'Tag of the record that the change was made from; the change is refused, and the answer shows the record as it is, if it has been changed meanwhile.',
  schema: { type: 'string' },
};

export const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Identifies the write, at most 200 characters; a write that is repeated with the same key is done once, for as long as the key is remembered: 24 hours, unless configured otherwise.',
  schema: { type: 'string' },
};

/** Headers that every operation of a dialect takes. */
export const common = ({ requestIdIsKey }: Dialect): Parameter[] => [
  {
    name: 'X-Request-ID',
    in: 'header',
    required: false,
    description: requestIdIsKey
      ? 'Identifies the request, at most 200 characters; of a write without `Idempotency-Key` it is the key.'
      : 'Identifies the request in logs, events and the audit log, at most 200 characters.',
    schema: { type: 'string' },
  },
  {
    name: 'X-Tenant-Id',
    in: 'header',
    required: false,
    description: 'The tenant, where the token allows several.',
    schema: { type: 'string' },
  },
];
