/**
 * How numbers of JSON become exact decimals. A JSON number is a double, and sums and products of doubles are off by their
 * last bits: `0.1 + 0.2` is sent as `0.30000000000000004`, `19.99 * 100` as `1998.9999999999998`. What is so near to a
 * number with the wanted decimals that only these bits differ is that number. Everything else is taken digit by digit, so
 * that whoever stores it can refuse what cannot be kept exactly. Numbers that are sent as texts are always exact.
 */

/** By how many units in its last place a double may be off for that to be noise. */
const noise = 4;

/** The distance of a double to the next one. */
const unitInLastPlace = (value: number): number => 2 ** (Math.floor(Math.log2(Math.abs(value))) - 52);

/** A decimal text with its point so many places further to the right. */
export function shifted(text: string, places: number): string {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text)!;
  const digits = `${'0'.repeat(Math.max(0, 1 - places - whole!.length))}${whole}${fraction}${'0'.repeat(Math.max(0, places - fraction.length))}`;
  const point = digits.length - Math.max(0, fraction.length - places);
  const shown = `${digits.slice(0, point).replace(/^0+(?=\d)/, '')}.${digits.slice(point)}`.replace(/\.?0*$/, '');
  return /[1-9]/.test(shown) ? `${sign}${shown || '0'}` : '0';
}

/** The shortest digits that stand for a finite double, without exponent. */
function digitsOf(value: number): string {
  const [digits, exponent] = String(value).split('e') as [string, string?];
  return exponent === undefined ? digits : shifted(digits, Number(exponent));
}

/** A finite number of JSON as a decimal text without exponent; what differs from a number with so many decimals by noise alone is that number. */
export function decimalText(value: number, decimals: number): string {
  const text = digitsOf(value);
  // of large numbers even the decimals that somebody wrote are within the noise: noise has more of them
  if ((text.split('.')[1] ?? '').length <= decimals + 1) return text;
  const nearest = Number(value.toFixed(decimals));
  return Math.abs(value - nearest) <= noise * unitInLastPlace(value) ? digitsOf(nearest) : text;
}
