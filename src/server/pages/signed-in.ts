/**
 * Runs in the explorer before it loads. It lets somebody choose one of the demo's identities, whose token every request
 * and every socket carries that has none of its own, in whichever tab; reads the schema without a token where there is
 * none; and says in words why a socket was closed.
 */
export const signedInScript = `
(() => {
  const key = 'crm-graph:identity';
  const asked = new URLSearchParams(location.search).get('identity');
  if (asked !== null) localStorage.setItem(key, asked);
  let identities = [];
  const chosen = () => identities.find(({ name }) => name === localStorage.getItem(key));
  const ready = fetch('/graphiql/identities').then((answer) => (answer.ok ? answer.json() : [])).catch(() => []).then((all) => { identities = all; });

  const words = {
    1013: 'The server is busy or being stopped; the explorer may connect again.',
    4400: 'The server did not understand the message.',
    4401: 'The token is missing, wrong or has ended: choose an identity above, or put {"Authorization": "Bearer …"} under Headers.',
    4403: 'This identity may not do so: its tenant does not exist or is closed, or the user may not sign in. Choose another one above.',
    4408: 'The socket did not say who it is in time.',
    4429: 'Too many requests at once on one socket.',
  };
  let say = () => {};

  const ask = window.fetch.bind(window);
  window.fetch = async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    if (url.origin !== location.origin || url.pathname !== '/graphql') return ask(input, init);
    await ready;
    const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
    const identity = chosen();
    if (!headers.has('authorization') && identity) headers.set('authorization', 'Bearer ' + identity.token);
    if (!headers.has('authorization') && /\\bIntrospectionQuery\\b/.test(String(init.body ?? ''))) {
      const schema = await ask('/graphiql/schema');
      if (schema.ok) return schema;
    }
    return ask(input, { ...init, headers });
  };

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...args) {
      super(...args);
      this.addEventListener('open', () => say(''));
      this.addEventListener('close', ({ code, reason }) => {
        if (words[code]) say('Subscription refused (' + code + (reason && ' ' + reason) + '). ' + words[code]);
      });
    }
    send(data) {
      const message = typeof data === 'string' && data.includes('connection_init') ? JSON.parse(data) : {};
      if (message.type !== 'connection_init') return super.send(data);
      void ready.then(() => {
        const payload = message.payload ?? {};
        const identity = chosen();
        if (identity && !Object.keys(payload).some((name) => name.toLowerCase() === 'authorization'))
          payload.Authorization = 'Bearer ' + identity.token;
        if (this.readyState === Socket.OPEN) super.send(JSON.stringify({ ...message, payload }));
      });
    }
  };

  addEventListener('DOMContentLoaded', async () => {
    await ready;
    const bar = document.createElement('div');
    bar.id = 'identity';
    const label = document.createElement('label');
    label.textContent = 'Identity 身份 ';
    const select = document.createElement('select');
    select.add(new Option(identities.length > 0 ? '—' : 'put a token under Headers', ''));
    for (const { name, chinese } of identities) select.add(new Option(name + ' ' + chinese, name));
    select.value = chosen()?.name ?? '';
    select.addEventListener('change', () => {
      localStorage.setItem(key, select.value);
      say('');
    });
    label.append(select);
    const output = document.createElement('output');
    output.setAttribute('role', 'status');
    say = (text) => { output.textContent = text; };
    bar.append(label, output);
    document.body.prepend(bar);
  });
})();
`;

/** Makes room for the choice above the explorer. */
export const signedInStyle = `
#identity{box-sizing:border-box;height:2.25rem;display:flex;gap:1rem;align-items:center;padding:0 .75rem;overflow:auto;font:14px system-ui,sans-serif}
#identity output{color:#b3261e}
#ruru-root{height:calc(100vh - 2.25rem)!important}
`;
