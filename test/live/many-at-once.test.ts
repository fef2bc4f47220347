import { rawSocket } from '../support/socket.js';
import { tenant } from '../support/tenant.js';

test('300 subscriptions at once on one socket: 100 begin, the others are refused, and those that end make room', async () => {
  const { admin } = await tenant();
  const raw = await rawSocket({ token: admin.token });
  const query = 'subscription { customerChanged { kind customer { name } } }';
  for (let id = 0; id < 300; id += 1) raw.send({ id: `s${id}`, type: 'subscribe', payload: { query } });
  const refused = new Set<string>();
  while (refused.size < 200) {
    const { id, type, payload } = await raw.next();
    expect([type, payload[0].extensions.code]).toEqual(['error', 'RATE_LIMITED']);
    refused.add(id);
  }
  await admin.graph('mutation { customerCreate(input: { name: "甲" }) { customer { id } } }');
  const received = new Set<string>();
  while (received.size < 100) {
    const { id, type, payload } = await raw.next();
    expect([type, payload.data.customerChanged.kind]).toEqual(['next', 'CREATED']);
    received.add(id);
  }
  expect([...received].filter((id) => refused.has(id))).toEqual([]);
  expect(raw.waiting).toEqual([]);
  for (const id of [...received].slice(0, 10)) raw.send({ id, type: 'complete' });
  for (let id = 0; id < 20; id += 1) raw.send({ id: `later${id}`, type: 'subscribe', payload: { query } });
  const later = new Set<string>();
  while (later.size < 10) {
    const { id, type } = await raw.next();
    expect(type).toBe('error');
    later.add(id);
  }
}, 60_000);
