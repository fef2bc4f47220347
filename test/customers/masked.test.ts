import { isMaskOf, maskEmail, maskPhone } from '../../src/model/masks.js';
import { tenant, type Data } from '../support/tenant.js';

const update =
  'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { customer { phone email } userErrors { code field } } }';

test('a masked value sent back leaves the stored one alone, a new one replaces it', async () => {
  const t = await tenant();
  const { customerCreate } = await t.admin.graph(
    'mutation { customerCreate(input: { name: "甲公司", phone: "13800138000", email: "abc@example.com" }) { customer { id } } }',
  );
  const { id } = customerCreate.customer as Data;
  const seen = (await t.sales.graph('query ($id: ID!) { customer(id: $id) { phone email } }', { id })).customer as Data;
  expect(seen).toEqual({ phone: '138****8000', email: 'a***@example.com' });

  await t.sales.graph(update, { id, input: { ...seen, region: '华东' } });
  expect(await t.sql('select phone, email, region from customer')).toEqual([
    { phone: '13800138000', email: 'abc@example.com', region: '华东' },
  ]);

  await t.sales.graph(update, { id, input: { phone: '13900139000' } });
  expect(await t.sql('select phone, email from customer')).toEqual([
    { phone: '13900139000', email: 'abc@example.com' },
  ]);
});

test.each(['13800138000', '021-12345678', '+86 138 0013 8000', '1234567', '123456', '', '电话'])(
  'the phone %p is masked in the program as in the database',
  async (phone) => {
    const t = await tenant();
    expect(await t.sql('select mask_phone($1) as masked', [phone])).toEqual([{ masked: maskPhone(phone) }]);
  },
);

test.each(['abc@example.com', 'a@b.cn', '@b.cn', 'nobody', ''])(
  'the e-mail %p is masked in the program as in the database',
  async (email) => {
    const t = await tenant();
    expect(await t.sql('select mask_email($1) as masked', [email])).toEqual([{ masked: maskEmail(email) }]);
  },
);

test('what is stored in the very form of a mask is still itself', () => {
  expect(isMaskOf('***', '***', 'phone')).toBe(false);
  expect(isMaskOf('138****8000', '13800138000', undefined)).toBe(false);
});
