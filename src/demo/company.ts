import { hash, type Random } from './random.js';
import * as words from './sample-texts.js';

export interface Company {
  name: string;
  /** the two syllables that distinguish it from others */
  short: string;
  city: string;
  region: string;
  area: string;
  trade: words.Trade;
}

const endings = 3;
const radices = [
  words.cities.length,
  words.firstSyllables.length,
  words.trades.length,
  words.secondSyllables.length,
  endings,
];

/** How many companies with different names there can be in one tenant. */
export const companies = radices.reduce((product, radix) => product * radix, 1);

// About the golden ratio of all combinations, and prime to them: neighbours differ in every part, and no name comes twice.
const step = 2_990_251;

/** The company of that index in a tenant; all names of a tenant differ. */
export function companyOf(tenantCode: string, index: number): Company {
  let left = (index * step + (hash(tenantCode) % companies)) % companies;
  let below = companies;
  const [city, first, trade, second, ending] = radices.map((radix) => {
    below /= radix;
    const digit = Math.floor(left / below);
    left %= below;
    return digit;
  }) as [number, number, number, number, number];
  const [cityName, region, area] = words.cities[city]!;
  const business = words.trades[trade]!;
  const short = words.firstSyllables[first]! + words.secondSyllables[second]!;
  return {
    name: `${cityName}${short}${business.word}${business.endings[ending]!}`,
    short,
    city: cityName,
    region,
    area,
    trade: business,
  };
}

export interface Person {
  name: string;
  /** e.g. `wang.xiaoming` */
  login: string;
}

export function person(random: Random): Person {
  const [surname, ...given] = [
    random.pick(words.surnames),
    random.pick(words.givenSyllables),
    ...(random.chance(0.7) ? [random.pick(words.givenSyllables)] : []),
  ];
  return {
    name: surname![0] + given.map(([written]) => written).join(''),
    login: `${surname![1]}.${given.map(([, pinyin]) => pinyin).join('')}`,
  };
}

/** Well-formed and plainly made up: a real prefix, four zeros, four digits. */
export const mobile = (random: Random): string => `${random.pick(words.mobilePrefixes)}0000${digits(random, 4)}`;

/** Decimal digits as text. */
export function digits(random: Random, count: number): string {
  return Math.floor(random.next() * 10 ** count)
    .toString()
    .padStart(count, '0');
}

export const address = (random: Random, { city }: Company): string =>
  `${city}市${random.pick(words.streets)} ${random.whole(1, 999)} 号`;
