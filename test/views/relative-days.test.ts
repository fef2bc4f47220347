import { relativeDay, resolvedJson, storedJson } from '../../src/read/relative-day.js';
import { tenant } from '../support/tenant.js';
import { tenantIn } from '../support/time.js';
import { view } from './support.js';

// The days that relative ones are when a saved view is opened.

const at = (year: number, month: number, day: number): string =>
  new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

test.each(['Pacific/Kiritimati', 'Pacific/Niue'])(
  'relative days are those of the clocks of the tenant: %s',
  async (zone) => {
    const t = await tenantIn(zone);
    const local = (): string => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date());
    const forms = [
      'TODAY',
      'TODAY+30',
      'TODAY-1W',
      'TODAY-1M',
      'TODAY+1Q',
      'TODAY-1Y',
      'START_OF_WEEK',
      'END_OF_WEEK+1',
      'START_OF_MONTH',
      'END_OF_MONTH',
      'END_OF_MONTH+1',
      'START_OF_QUARTER-1',
      'END_OF_QUARTER',
      'START_OF_YEAR',
      'END_OF_YEAR-1',
    ];
    for (let attempt = 0; ; attempt += 1) {
      const today = local();
      const [year, month, day] = today.split('-').map(Number) as [number, number, number];
      const monthOf = (offset: number): string => {
        const last = new Date(Date.UTC(year, month - 1 + offset + 1, 0)).getUTCDate();
        return at(year, month - 1 + offset, Math.min(day, last));
      };
      const weekday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
      const quarter = Math.floor((month - 1) / 3) * 3;
      const expected = [
        today,
        at(year, month - 1, day + 30),
        at(year, month - 1, day - 7),
        monthOf(-1),
        monthOf(3),
        monthOf(-12),
        at(year, month - 1, day - weekday),
        at(year, month - 1, day - weekday + 13),
        at(year, month - 1, 1),
        at(year, month, 0),
        at(year, month + 1, 0),
        at(year, quarter - 3, 1),
        at(year, quarter + 3, 0),
        at(year, 0, 1),
        at(year - 1, 11, 31),
      ];
      const parts = [forms.slice(0, 8), forms.slice(8)];
      const found: string[] = [];
      for (const part of parts) {
        const nested = part.reduceRight<object>((inner, form) => ({ not: inner, createdFrom: form }), {});
        const saved = await view(t.admin, { filter: JSON.stringify(nested) });
        for (let one = JSON.parse(saved.resolvedFilter); one?.createdFrom; one = one.not) found.push(one.createdFrom);
      }
      if (local() !== today && attempt < 2) continue;
      expect(Object.fromEntries(forms.map((form, index) => [form, found[index]]))).toEqual(
        Object.fromEntries(forms.map((form, index) => [form, expected[index]])),
      );
      return;
    }
  },
);

test('relative days at the ends of months, quarters and years', async () => {
  const t = await tenant();
  await t.admin.id();
  const days: Array<[today: string, form: string, day: string]> = [
    ['2026-01-31', 'TODAY+1M', '2026-02-28'],
    ['2024-01-31', 'TODAY+1M', '2024-02-29'],
    ['2026-03-31', 'TODAY-1M', '2026-02-28'],
    ['2024-02-29', 'TODAY+1Y', '2025-02-28'],
    ['2026-05-31', 'TODAY+1Q', '2026-08-31'],
    ['2026-11-30', 'TODAY+1Q', '2027-02-28'],
    ['2026-12-31', 'TODAY+1', '2027-01-01'],
    ['2026-01-31', 'END_OF_MONTH', '2026-01-31'],
    ['2026-01-31', 'END_OF_MONTH+1', '2026-02-28'],
    ['2026-01-31', 'END_OF_MONTH-2', '2025-11-30'],
    ['2026-01-31', 'START_OF_MONTH+1', '2026-02-01'],
    ['2026-12-31', 'START_OF_QUARTER', '2026-10-01'],
    ['2026-12-31', 'END_OF_QUARTER+1', '2027-03-31'],
    ['2026-01-01', 'START_OF_YEAR-1', '2025-01-01'],
    ['2028-02-29', 'END_OF_YEAR', '2028-12-31'],
    // 2026-11-30 is a Monday
    ['2026-11-30', 'START_OF_WEEK', '2026-11-30'],
    ['2026-11-29', 'START_OF_WEEK', '2026-11-23'],
    ['2026-11-29', 'END_OF_WEEK', '2026-11-29'],
    ['2026-12-31', 'END_OF_WEEK+1', '2027-01-10'],
    ['2026-12-31', 'TODAY-2W', '2026-12-17'],
  ];
  const found = await t.sql<{ day: string }>(
    `select ${resolvedJson('x.stored', 'x.today')} as day from unnest($1::text[], $2::date[]) with ordinality x(stored, today, place) order by x.place`,
    [days.map(([, form]) => storedJson({ d: relativeDay(form) })), days.map(([today]) => today)],
  );
  expect(found.map(({ day }, index) => [...days[index]!.slice(0, 2), JSON.parse(day).d])).toEqual(days);
});

test('what is nearly a relative day is none, and one form is kept of each', () => {
  const texts = [
    'today',
    ' TODAY+0 ',
    'TODAY+07D',
    'TODAY-3m',
    'end_of_week+01',
    'START_OF_YEAR-0',
    'TODAY+36500',
    'TODAY-100Y',
  ];
  expect(texts.map((text) => relativeDay(text)?.text)).toEqual([
    'TODAY',
    'TODAY',
    'TODAY+7',
    'TODAY-3M',
    'END_OF_WEEK+1',
    'START_OF_YEAR',
    'TODAY+36500',
    'TODAY-100Y',
  ]);
  const none = [
    '',
    'TODAY+',
    'TODAYD',
    'TODAY 1',
    'TODAY+1X',
    'START_OF_DAY',
    'START_OF_MONTH+1M',
    'TODAY+36501',
    'TODAY-101Y',
    'END_OF_YEAR+101',
    'TODAY+1.5',
    'TODAY--1',
    '今天',
  ];
  expect(none.filter((text) => relativeDay(text))).toEqual([]);
});
