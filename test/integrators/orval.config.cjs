// One client for each dialect and one for what they share, which sends requests to the address that the document names.
module.exports = Object.fromEntries(
  ['erp', 'cell', 'lifecycle', 'platform', 'server'].map((dialect) => [
    dialect,
    {
      input: `generated/${dialect}.json`,
      output: {
        target: `generated/${dialect}/orval.ts`,
        client: 'fetch',
        baseUrl: { getBaseUrlFromSpecification: true },
      },
    },
  ]),
);
