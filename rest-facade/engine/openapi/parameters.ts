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
  description: 'Counts instead of `X-Request-ID` as what names the write, where both are sent; at most 200 characters.',
  schema: { type: 'string' },
};

/** Headers that every operation takes. */
export const common: Parameter[] = [
  {
    name: 'X-Request-ID',
    in: 'header',
    required: false,
    description:
      'Names the request, at most 200 characters; a write that is repeated with the same id is done once, for as long as the id is remembered: 24 hours, unless the deployment says otherwise.',
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
