// Parses an AsyncAPI document with the parser of its makers. Prints what it finds wrong, and the names of the messages, as JSON.
const { readFileSync } = require('node:fs');
const { Parser } = require('@asyncapi/parser');

const [file] = process.argv.slice(2);

new Parser().parse(readFileSync(file, 'utf8')).then(({ document, diagnostics }) => {
  const messages =
    document
      ?.allMessages()
      .all()
      .map((message) => message.name()) ?? [];
  // that there is a newer version of the format is no fault
  const wrong = diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version');
  console.log(JSON.stringify({ diagnostics: wrong, messages: [...new Set(messages)] }));
});
