/** A kind of file that may be uploaded: its media type, and the bytes its content begins with (in hexadecimal digits, `.` for any). */
interface Allowed {
  mediaType: string;
  begins?: readonly string[];
}

const zip = ['504b0304', '504b0506'];
const oldOffice = ['d0cf11e0a1b11ae1'];
const office = (kind: string): Allowed => ({
  mediaType: `application/vnd.openxmlformats-officedocument.${kind}`,
  begins: zip,
});

/** What may be uploaded, by the ending of the name. Nothing that a browser would run. */
const allowed: Record<string, Allowed> = {
  pdf: { mediaType: 'application/pdf', begins: ['25504446'] },
  png: { mediaType: 'image/png', begins: ['89504e470d0a1a0a'] },
  jpg: { mediaType: 'image/jpeg', begins: ['ffd8ff'] },
  jpeg: { mediaType: 'image/jpeg', begins: ['ffd8ff'] },
  gif: { mediaType: 'image/gif', begins: ['47494638'] },
  webp: { mediaType: 'image/webp', begins: ['52494646........57454250'] },
  doc: { mediaType: 'application/msword', begins: oldOffice },
  xls: { mediaType: 'application/vnd.ms-excel', begins: oldOffice },
  ppt: { mediaType: 'application/vnd.ms-powerpoint', begins: oldOffice },
  docx: office('wordprocessingml.document'),
  xlsx: office('spreadsheetml.sheet'),
  pptx: office('presentationml.presentation'),
  zip: { mediaType: 'application/zip', begins: zip },
  txt: { mediaType: 'text/plain' },
  md: { mediaType: 'text/markdown' },
  csv: { mediaType: 'text/csv' },
  eml: { mediaType: 'message/rfc822' },
  mp3: { mediaType: 'audio/mpeg', begins: ['494433', 'fffb', 'fff3', 'fff2'] },
  wav: { mediaType: 'audio/wav', begins: ['52494646........57415645'] },
  mp4: { mediaType: 'video/mp4', begins: ['........66747970'] },
};

/** How many bytes of a content `mediaTypeOf` wants to see. */
export const seenBytes = 16;

/** The media type of a file by its name, if it may be uploaded and its content begins as that kind does; else null. */
export function mediaTypeOf(name: string, start: Uint8Array): string | null {
  const kind = allowed[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''];
  if (!kind) return null;
  if (!kind.begins) return start.includes(0) ? null : kind.mediaType;
  const digits = Buffer.from(start).toString('hex');
  return kind.begins.some((form) => new RegExp(`^${form}`).test(digits)) ? kind.mediaType : null;
}

const maxNameLength = 200;

/** How browsers write the signs in a name that would end it (HTML, "Multipart form data"); none of them may be in a name here. */
const escaped = /%22|%0D|%0A/g;

/** A name that every file system can hold: no path, no control signs, no signs with a meaning elsewhere; Chinese stays. Long ones are cut before the ending. */
export function safeName(given: string): string {
  const last = given.normalize('NFC').split(/[/\\]/).at(-1)!;
  const clean = last
    .replace(escaped, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}<>:"|?*]/gu, '')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  const [, stem = '', ending = ''] = /^(.*?)(\.[^.]{1,10})?$/.exec(clean) ?? [];
  return `${[...stem].slice(0, maxNameLength).join('') || 'file'}${ending}`;
}
