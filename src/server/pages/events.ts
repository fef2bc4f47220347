import { recordLabel } from '../../core/labels.js';
import { dataSchema, eventTypes, type EventType } from '../../feed/event-types.js';
import { escape } from './escape.js';
import { icon } from './icon.js';
import { inlineHashes, policy, type Page } from './policy.js';

const style = `
:root{color-scheme:light dark}
body{margin:0 auto;max-width:64rem;padding:1.5rem;font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
h2{margin:2.5rem 0 .5rem;padding-top:.5rem;border-top:1px solid #8886}
h3{margin:1.5rem 0 .25rem}
h3 a{color:inherit;text-decoration:none}
p{margin:.25rem 0}
[lang=zh]{opacity:.7;font-weight:400}
nav{columns:14rem}
nav a{display:block}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;margin:.5rem 0;font-size:.925rem}
th,td{padding:.3rem .75rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #8883}
th:first-child,td:first-child{width:11rem}
`;

interface Values {
  type?: string | string[];
  format?: string;
  enum?: Array<string | null>;
  items?: Values;
}

/** A schema of a field as a reader needs it: its kind, or the values that it can have. */
function inWords({ type, format, enum: values, items }: Values): string {
  if (items) return `list of: ${inWords(items)}`;
  if (values) return values.map((value) => `<code>${escape(String(value))}</code>`).join(' · ');
  return escape([type ?? []].flat().join(' or ') + (format ? ` (${format})` : ''));
}

function fieldsOf(type: EventType): string {
  const { properties, required } = dataSchema(type) as {
    properties: Record<string, Values & { description: string }>;
    required: string[];
  };
  const rows = Object.entries(properties).map(
    ([name, field]) =>
      `<tr><td><code>${escape(name)}</code>${required.includes(name) ? '' : '<br>not always'}</td><td>${escape(field.description)}</td><td>${inWords(field)}</td></tr>`,
  );
  return rows.length === 0
    ? '<p>No data: the id of the record is its <code>subject</code>.</p>'
    : `<table><thead><tr><th>data</th><th>meaning</th><th>values</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

const section = (type: EventType): string =>
  `<h3 id="${escape(type.name)}"><a href="#${escape(type.name)}"><code>${escape(type.name)}</code></a></h3><p>${escape(type.description)}</p>${fieldsOf(type)}`;

/** Every type of event with its data, as a page to read. */
export function eventsPage(version: string): Page {
  const types = eventTypes();
  const records = [...new Set(types.map(({ entity }) => entity))];
  const label = (name: string): string => {
    const { en, zh } = recordLabel(name) ?? { en: name, zh: '' };
    return `${escape(en)} <span lang="zh">${escape(zh)}</span>`;
  };
  const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Events · crm-graph</title>
${icon}
<style>${style}</style>
</head>
<body>
<h1>Events <span lang="zh">事件</span></h1>
<p>${types.length} types of events of crm-graph ${escape(version)}, as they go out over the feed (<code>/api/v1/events</code>), to webhooks and to the broker, in the form of CloudEvents 1.0. The same for programs: <a href="/asyncapi.json">asyncapi.json</a>, <a href="/asyncapi.yaml">asyncapi.yaml</a>.</p>
<p>Fields may be added to events, and types to this list; leave alone what you do not know. A webhook takes these types, or <code>crm.customer.*</code> for all of a kind of record.</p>
<nav>${records.map(({ name }) => `<a href="#${escape(name)}">${label(name)}</a>`).join('')}</nav>
${records
  .map(
    (entity) =>
      `<section><h2 id="${escape(entity.name)}">${label(entity.name)}</h2>${types
        .filter((type) => type.entity === entity)
        .map(section)
        .join('')}</section>`,
  )
  .join('\n')}
</body>
</html>
`;
  return { html, policy: policy({ 'style-src': inlineHashes(html, 'style'), 'img-src': ['data:'] }) };
}
