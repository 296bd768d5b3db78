/** A version as PEP 440 defines it ("4.4.1", "1.0rc2", "2024.1.post3"). */
const PEP_440 =
  /^(\d+!)?\d+(\.\d+)*([-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?\d*)?(-\d+|[-_.]?(post|rev|r)[-_.]?\d*)?([-_.]?dev[-_.]?\d*)?(\+[a-z0-9]+([-_.][a-z0-9]+)*)?$/i;

const MAX_CHARS = 64;

/** Whether a text can be the version of a Python package. */
export function isVersion(text: string): boolean {
  return text.length <= MAX_CHARS && PEP_440.test(text);
}
