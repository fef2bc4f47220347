import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { exceptions, oldPhrases, oldWords, oneMeaning } from './words.js';

const root = new URL('../../', import.meta.url);
const files = execFileSync('git', ['ls-files', 'src', 'rest-facade', 'test', 'bench'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(ts|mjs|cjs)$/.test(file) && file !== 'test/architecture/words.ts');

/** A program without its comments, and without what stands in its strings, templates and regular expressions. */
function codeOf(text: string): string {
  let code = '';
  let at = 0;
  const skipTo = (end: RegExp): void => {
    end.lastIndex = at;
    at = end.test(text) ? end.lastIndex : text.length;
  };
  const template = (): void => {
    for (at += 1; at < text.length && text[at] !== '`'; at += 1) {
      if (text[at] === '\\') at += 1;
      else if (text.startsWith('${', at)) {
        at += 2;
        for (let depth = 1; depth > 0 && at < text.length;) {
          if (text[at] === '{') depth += 1;
          if (text[at] === '}') depth -= 1;
          if (depth > 0) step();
        }
      }
    }
    at += 1;
  };
  const step = (): void => {
    if (text.startsWith('//', at)) return skipTo(/$/gm);
    if (text.startsWith('/*', at)) return skipTo(/\*\//g);
    if (text[at] === '`') return template();
    if (text[at] === "'" || text[at] === '"') {
      const quote = text[at]!;
      at += 1;
      while (at < text.length && text[at] !== quote) at += text[at] === '\\' ? 2 : 1;
      at += 1;
      code += ' ';
      return;
    }
    if (text[at] === '/' && /(?:[(,=:[!&|?{};+]|=>|return)\s*$/.test(code.slice(-12)))
      return skipTo(/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n[])+\/\w*/g);
    code += text[at];
    at += 1;
  };
  while (at < text.length) step();
  return code;
}

const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);

const isAllowed = (name: string, file: string): boolean =>
  exceptions.some((exception) => exception.names.test(name) && exception.files.test(file));

const namesIn = (text: string): string[] => [...new Set(codeOf(text).match(/[A-Za-z_]\w*/g) ?? [])];

/** Names with an old word, where none of the exceptions allows it. */
const found = (names: readonly string[], file: string): string[] =>
  names
    .filter((name) => wordsOf(name).some((word) => Object.hasOwn(oldWords, word)) && !isAllowed(name, file))
    .map((name) => `${file}: ${name}`);

test('names of code and files use no old word', () => {
  expect(files.length).toBeGreaterThan(500);
  const names = files.flatMap((file) => found(namesIn(readFileSync(new URL(file, root), 'utf8')), file));
  expect(names).toEqual([]);
  expect(files.flatMap((file) => found(file.split(/[/.]/), file))).toEqual([]);
});

test('names of the schema use no old word', () => {
  const schema = readFileSync(new URL('schema.graphql', root), 'utf8').replace(/"""[^]*?"""/g, '');
  expect(found([...new Set(schema.match(/[A-Za-z_]\w*/g))], 'schema.graphql')).toEqual([]);
});

test('words with one meaning are used for that alone', () => {
  const others = files
    .filter((file) => /^(src|rest-facade)\//.test(file))
    .flatMap((file) =>
      namesIn(readFileSync(new URL(file, root), 'utf8')).flatMap((name) =>
        wordsOf(name)
          .filter((word) => Object.hasOwn(oneMeaning, word) && !oneMeaning[word]!.files.test(file))
          .map((word) => `${file}: ${name} (${word} means ${oneMeaning[word]!.means})`),
      ),
    );
  expect(others).toEqual([]);
});

test('each exception is needed', () => {
  const needed = (exception: (typeof exceptions)[number]): boolean =>
    files.some(
      (file) =>
        exception.files.test(file) &&
        namesIn(readFileSync(new URL(file, root), 'utf8')).some(
          (name) => exception.names.test(name) && wordsOf(name).some((word) => Object.hasOwn(oldWords, word)),
        ),
    );
  expect(exceptions.filter((exception) => !needed(exception)).map(({ reason }) => reason)).toEqual([]);
});

test('an old word is found in a name, and nowhere else', () => {
  const text =
    "const toldTwice = `a ${deal.lane} told` + 'face'; // a wall\nconst test = /pipe\\/door/.test(pace) /* act */;";
  expect(found(namesIn(text), 'x.ts')).toEqual(['x.ts: toldTwice', 'x.ts: deal', 'x.ts: lane', 'x.ts: pace']);
});

/** Where prose stands: whole sources of the product and its documents, and the names of the tests. */
const prose = execFileSync(
  'git',
  ['ls-files', 'src', 'rest-facade', 'bench', 'docs', 'docker', 'tools', 'README.md', 'CONTRIBUTING.md', 'test'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter(
    (file) => /\.(ts|mjs|md)$/.test(file) && !/^src\/database\/migrations\/|^test\/architecture\/words/.test(file),
  );

const namesOfTests = (text: string): string =>
  [
    ...text.matchAll(
      /\b(?:test|describe)(?:\.each\((?:[^()]|\([^()]*\))*\)|\.\w+)?\(\s*(['`])((?:\\.|(?!\1)[^\\])*)\1/g,
    ),
  ]
    .map(([, , name]) => name)
    .join('\n');

const phrasesIn = (text: string): string[] =>
  oldPhrases.flatMap(([phrase]) => [...text.matchAll(new RegExp(phrase, 'g'))].map(([found]) => found));

test('prose of the product, its documents and the names of tests use no old phrase', () => {
  expect(prose.length).toBeGreaterThan(400);
  const broken = prose.flatMap((file) => {
    const text = readFileSync(new URL(file, root), 'utf8');
    return phrasesIn(file.startsWith('test/') ? namesOfTests(text) : text).map((found) => `${file}: ${found}`);
  });
  expect(broken).toEqual([]);
});

test('an old phrase is found, and plain English is not', () => {
  expect(phrasesIn(namesOfTests("test('a viewer is told of it', () => {}); const x = 'tells';"))).toEqual(['is told']);
  expect(phrasesIn('/** Tells of what is living; the server is told to stop, figured out. */')).toEqual([
    'Tells',
    'living',
  ]);
});
