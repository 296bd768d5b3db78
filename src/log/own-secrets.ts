const SECRET_SETTING = /(?:SECRET|PASSWORD|TOKEN|HEADERS|KEYS?)(?:_|$)/;
/** Passwords that are words: to hide them would hide the words. */
const WORDS = ['password', 'postgres', 'ivory'];

/** The secrets among a process' settings: passwords and keys by their names, and the passwords in URLs. */
export function ownSecrets(settings: Readonly<Record<string, unknown>>): string[] {
  const found = Object.entries(settings).flatMap(([name, value]) =>
    [value].flat().flatMap((each) => (typeof each === 'string' ? secretsIn(name, each) : [])),
  );
  return found.filter((secret) => !WORDS.includes(secret));
}

function secretsIn(name: string, value: string): string[] {
  if (/HEADERS$/.test(name)) return value.split(',').map((pair) => pair.slice(pair.indexOf('=') + 1).trim());
  if (SECRET_SETTING.test(name)) return [value];
  const password = URL.parse(value)?.password;
  if (!password) return [];
  return [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
