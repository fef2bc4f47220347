import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../../../schema.graphql',
  documents: ['./operations.ts'],
  generates: {
    './gql/': {
      preset: 'client',
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: {
          // texts: a number would lose digits, and a day is no instant
          Date: 'string',
          DateTime: 'string',
          Decimal: 'string',
          // an id is sent as a text or as an integer, and answered as a text
          ID: { input: 'string | number', output: 'string' },
          Percent: 'number',
        },
      },
    },
  },
};
export default config;
