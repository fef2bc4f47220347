import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ruruHTML, type RuruClientConfig } from 'ruru/server';
import { getStaticFile, type StaticFile } from 'ruru/static';
import { icon } from './icon.js';
import { signedInScript, signedInStyle } from './signed-in.js';
import { inlineHashes, policy, type Page } from './policy.js';

/** Path of the explorer. */
export const explorerPath = '/graphiql';

/** Path, ending in a slash, under which the explorer's files lie; it changes with the library's version. */
export const staticPath = `${explorerPath}/static/${libraryVersion()}/`;

const defaultQuery = `# 示例查询：当前用户与前五个客户
# 在上方选择身份，或在 Headers 填写 { "Authorization": "Bearer <token>" }

query Customers {
  viewer {
    tenant { name }
    roles
  }
  customers(first: 5) {
    totalCount
    nodes { id name }
  }
}
`;

const trustedNote = `# This server carries out only the operations of its manifest (CRM_TRUSTED_DOCUMENTS).
# 本服务只执行操作清单中的操作，其他操作会被拒绝。
`;

// Ruru hands all of these on to GraphiQL, but its types know neither the last two nor that the rest may be absent.
const client = {
  defaultQuery,
  debugTools: [],
  isHeadersEditorEnabled: true,
  showPersistHeadersSettings: true,
  shouldPersistHeaders: true,
  defaultEditorToolsVisibility: 'headers',
} as Partial<RuruClientConfig> as RuruClientConfig;

/** The explorer. Subscriptions go to the WebSocket of the same host and path, which Ruru derives from `endpoint`. */
export function explorerPage(onlyTrusted: boolean): Page {
  const html = ruruHTML({
    endpoint: '/graphql',
    staticPath,
    clientConfig: onlyTrusted ? { ...client, defaultQuery: `${trustedNote}${defaultQuery}` } : client,
    htmlParts: {
      titleTag: '<title>Explorer · crm-graph</title>',
      metaTags: (tags) =>
        `${tags}\n<meta name="viewport" content="width=device-width, initial-scale=1" />\n${icon}\n<style>${signedInStyle}</style>\n<script>${signedInScript}</script>`,
    },
  });
  return { html, policy: explorerPolicy(html) };
}

// Its editor writes style elements of its own at run time, for which no hash can be given; scripts stay strict.
function explorerPolicy(html: string): string {
  return policy({
    'script-src': ["'self'", ...inlineHashes(html, 'script')],
    'style-src': ["'self'", "'unsafe-inline'"],
    'connect-src': ["'self'"],
    'worker-src': ["'self'"],
    'font-src': ["'self'", 'data:'],
    'img-src': ["'self'", 'data:'],
  });
}

/** A file of the explorer with its headers, compressed where the client takes it; null when there is none. */
export async function staticFile(
  name: string,
  acceptEncoding: string | string[] | undefined,
  sourceMaps: boolean,
): Promise<StaticFile | null> {
  return getStaticFile({ staticPath, urlPath: staticPath + name, acceptEncoding, disallowDevAssets: !sourceMaps });
}

function libraryVersion(): string {
  const entry = createRequire(import.meta.url).resolve('ruru/server');
  return (JSON.parse(readFileSync(join(entry, '../../package.json'), 'utf8')) as { version: string }).version;
}
