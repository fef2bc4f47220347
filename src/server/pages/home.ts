import { escape } from './escape.js';
import { icon } from './icon.js';
import { inlineHashes, policy, type Page } from './policy.js';

/** One thing to see on this server. */
export interface Link {
  title: string;
  chinese: string;
  path: string;
  text: string;
  /** `ws` for what is reached by WebSocket */
  scheme?: 'ws';
  /** false for what a browser cannot open: its address is shown, not linked */
  link?: false;
}

/** What the home page is made of. */
export interface Home {
  version: string;
  /** scheme and host by which the client came, e.g. `http://localhost:4000` */
  origin: string;
  /** whether to show how to create a token */
  tokens: boolean;
  /** demo identities that the explorer can be opened as, e.g. `demo/sales` */
  identities: string[];
  links: Link[];
  dialects: Array<{ name: string; label: string; base: string; example: string; documentation?: string }>;
}

const style = `
:root{color-scheme:light dark;--page:#f6f7fb;--card:#fff;--text:#1a1d29;--soft:#565c72;--line:#dfe2ec;--accent:#3446d6;--code:#eef0f8}
@media(prefers-color-scheme:dark){:root{--page:#11131a;--card:#191c26;--text:#e8eaf2;--soft:#a2a9bf;--line:#2c3142;--accent:#9daaff;--code:#222635}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
header,main,footer{max-width:62rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:3rem}
h1{margin:0;font-size:2.25rem;line-height:1.2;letter-spacing:-.02em}
h1 small{margin-left:.5rem;font-size:.9rem;font-weight:400;letter-spacing:0;color:var(--soft)}
h2{margin:2.5rem 0 .75rem;font-size:1.15rem}
h3{margin:0;font-size:1rem}
p{margin:.35rem 0 0}
[lang=zh]{color:var(--soft);font-weight:400}
h2 [lang=zh],h3 [lang=zh]{margin-left:.4rem;font-size:.85rem}
.soft{color:var(--soft);font-size:.925rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,18rem),1fr));gap:.9rem;margin:0;padding:0;list-style:none}
.card{display:flex;flex-direction:column;padding:1rem 1.1rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
.card .address{margin-top:auto;padding-top:.6rem;overflow-wrap:anywhere}
.wide{grid-template-columns:minmax(0,1fr)}
a{color:var(--accent);text-underline-offset:.2em}
a:focus-visible,button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code,pre{font:.85rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Noto Sans Mono",monospace}
.try{display:flex;align-items:start;gap:.5rem;margin-top:.6rem}
.try pre{flex:1;min-width:0;margin:0;padding:.55rem .75rem;white-space:pre-wrap;overflow-wrap:anywhere;background:var(--code);border-radius:.5rem}
.try code{-webkit-user-select:all;user-select:all}
button{flex:none;min-width:4.5rem;padding:.5rem .8rem;font:inherit;font-size:.85rem;line-height:1.35;color:var(--accent);background:transparent;border:1px solid var(--line);border-radius:.5rem;cursor:pointer}
button:hover{border-color:var(--accent)}
@media(max-width:32rem){.try{flex-direction:column}.try pre{width:100%}}
footer{padding-top:2rem;padding-bottom:3rem}
`;

// The clipboard is open to pages over HTTPS and on localhost only; elsewhere one click selects the whole line.
const script = `
if (navigator.clipboard) for (const button of document.querySelectorAll('button')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.previousElementSibling.textContent);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
}
`;

/** The home page. */
export function homePage(home: Home): Page {
  const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="One customer graph over GraphQL and REST">
<title>crm-graph</title>
${icon}
<style>${style}</style>
</head>
<body>
<header>
<h1>crm-graph <small>${escape(home.version)}</small></h1>
<p>One customer graph for many tenants, over GraphQL and REST.</p>
<p lang="zh">多租户客户关系数据图谱：同一份数据，GraphQL 与 REST 均可访问</p>
</header>
<main>
${section('What is here', '导航', `<ul class="cards">${home.links.map((link) => linkCard(link, home.origin)).join('')}</ul>`)}
${section('First request', '快速开始', firstRequest(home))}
${home.dialects.length > 0 ? section('REST dialects', 'REST 方言', dialectList(home)) : ''}
</main>
<footer class="soft">README.md says how to run, change and extend this server. <span lang="zh">更多说明见 README.md</span></footer>
<script>${script}</script>
</body>
</html>
`;
  return { html, policy: homePolicy };
}

const homePolicy = policy({
  'style-src': inlineHashes(`<style>${style}</style>`, 'style'),
  'script-src': inlineHashes(`<script>${script}</script>`, 'script'),
  'img-src': ['data:'],
});

function section(title: string, chinese: string, content: string): string {
  return `<section><h2>${title} <span lang="zh">${chinese}</span></h2>${content}</section>`;
}

function linkCard({ title, chinese, path, text, scheme, link }: Link, origin: string): string {
  const address = scheme === 'ws' ? `${origin.replace(/^http/, 'ws')}${path}` : path;
  const shown = `<code>${escape(address)}</code>`;
  return `<li class="card"><h3>${escape(title)} <span lang="zh">${escape(chinese)}</span></h3>
<p class="soft">${escape(text)}</p>
<p class="address">${link === false ? shown : `<a href="${escape(path)}">${shown}</a>`}</p></li>`;
}

function explorerAs(identities: string[]): string {
  const links = identities.map(
    (name) => `<a href="/graphiql?identity=${encodeURIComponent(name)}"><code>${escape(name)}</code></a>`,
  );
  return `<li class="card"><h3>Open the explorer as <span lang="zh">以演示身份打开</span></h3>
<p class="soft">Tenant and role; its token goes with every request and subscription.</p>
<p>${links.join(' · ')}</p></li>`;
}

function firstRequest({ origin, tokens, identities }: Home): string {
  const query = `curl -sS -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '{"query":"{ viewer { tenant { name } roles } }"}' ${origin}/graphql`;
  const makeToken = `<li class="card"><h3>Get a token <span lang="zh">获取令牌</span></h3>
<p class="soft">In the project's folder. Keep what it prints as <code>TOKEN</code>, for example with <code>export TOKEN=…</code></p>
${line('npm run token -- --tenant demo --role sales', 'token')}</li>`;
  return `<ul class="cards wide">${identities.length > 0 ? explorerAs(identities) : ''}${tokens ? makeToken : ''}<li class="card"><h3>Ask the graph <span lang="zh">查询</span></h3>
<p class="soft">In the explorer, choose an identity, or put the token under Headers: <code>{ "Authorization": "Bearer …" }</code></p>
${line(query, 'GraphQL')}</li></ul>`;
}

function dialectList({ dialects, origin }: Home): string {
  const item = ({
    label,
    base,
    example,
    documentation,
  }: Home['dialects'][number]): string => `<li class="card"><h3>${escape(label)}</h3>
<p class="soft">Paths begin with <code>${escape(base)}</code>${documentation === undefined ? '' : ` · <a href="${escape(documentation)}" aria-label="Documentation: ${escape(label)}">Documentation</a>`}</p>
${line(`curl -sS -H "Authorization: Bearer $TOKEN" ${origin}${example}`, label)}</li>`;
  return `<ul class="cards wide">${dialects.map(item).join('')}</ul>`;
}

function line(command: string, about: string): string {
  return `<div class="try"><pre><code>${escape(command)}</code></pre><button type="button" hidden aria-label="Copy: ${escape(about)}">Copy</button></div>`;
}
