/**
 * The ways a program may write a text: as it is; escaped for JSON (also twice, also ASCII only), Python, a shell, SQL, XML, URLs and forms; as
 * base64, also in the middle of something longer ("user:password"); as hex.
 */
export function formsOf(text: string): Set<string> {
  const ascii = escapeNonAscii(text, (code) => `\\u${code.toString(16).padStart(4, '0')}`);
  const json = inJson(text);
  const forms = [
    ...[
      text,
      json,
      inJson(json),
      escapeNonAscii(json, (code) => `\\u${code.toString(16).padStart(4, '0')}`),
      ascii,
    ],
    ...pythonForms(text),
    ...shellForms(text),
    ...urlForms(text.toWellFormed()),
    ...binaryForms(Buffer.from(text)),
    text.replaceAll("'", "''"),
    inXml(text),
  ];
  return new Set(forms);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** repr() of a str, with either quote, of bytes, and ascii(). */
function pythonForms(text: string): string[] {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  const quoted = escaped.replaceAll("'", "\\'");
  const short = (code: number) =>
    code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  const bytes = (each: string) =>
    Buffer.from(each.toWellFormed())
      .toString('latin1')
      .replace(/[\x80-\xff]/g, (byte) => short(byte.charCodeAt(0)));
  return [escaped, quoted].flatMap((each) => [each, bytes(each), escapeNonAscii(each, short)]);
}

/** In single quotes (both ways to write one inside), in double quotes, and with a backslash before what is special. */
function shellForms(text: string): string[] {
  return [
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`),
    text.replace(/["$`\\]/g, '\\$&'),
    text.replace(/[^\w@%+=:,./-]/g, '\\$&'),
  ];
}

/** encodeURIComponent leaves !'()* and others do not; some leave "/", some write hex in small letters, a form has "+" for a blank. */
function urlForms(text: string): string[] {
  const component = encodeURIComponent(text);
  const strict = component.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const all = [
    component,
    strict,
    form,
    strict.replaceAll('%20', '+'),
    strict.replaceAll('%2F', '/'),
    encodeURI(text),
  ];
  return all.flatMap((each) => [each, each.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())]);
}

/** In base64 three bytes are four letters: what a text becomes depends on where in them it begins. Letters it shares with neighbours are left out. */
function binaryForms(bytes: Buffer): string[] {
  const shifted = [0, 1, 2].map((before) => {
    const all = Buffer.concat([Buffer.alloc(before), bytes]);
    const own = Math.floor((all.length * 8) / 6);
    return all.toString('base64').slice(Math.ceil((before * 8) / 6), own);
  });
  const whole = bytes.toString('base64').replace(/=+$/, '');
  const hex = bytes.toString('hex');
  const base64 = [whole, ...shifted];
  return [
    ...base64,
    ...base64.map((each) => each.replaceAll('+', '-').replaceAll('/', '_')),
    hex,
    hex.toUpperCase(),
  ];
}

function inXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function escapeNonAscii(text: string, write: (code: number) => string): string {
  return text.replace(/[\u0080-\uffff]/g, (unit) => write(unit.charCodeAt(0)));
}
