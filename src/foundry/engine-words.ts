const LONGEST = 500;

/** A store's own words about a query, free of what they say of the machine it runs on: paths, hosts, descriptors. */
export function engineWords(message: string): string {
  const clean = message
    .replaceAll(/\b[a-z][a-z+.-]*:\/\/[^\s'",)\]]+/gi, '…')
    .replaceAll(/(?<![\w.])(?:\/[\w.~+@-]+){2,}\/?/g, '…')
    .replaceAll(/\b[A-Z]:\\[^\s'",)\]]+/g, '…')
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '…')
    .replaceAll(/\[(?:fd|errno|thread|worker)=[^\]]*\]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean;
}
