/** A known weakness of a package, as `npm audit --json` tells it. */
export interface Advisory {
  /** "GHSA-…" where its url has one, else the registry's number. */
  id: string;
  package: string;
  severity: string;
  title: string;
}

export interface Accepted {
  reason: string;
  /** Day after which it is accepted no more: "2027-01-31". */
  until: string;
}

export interface Judgement {
  refused: Advisory[];
  accepted: (Advisory & Accepted)[];
  /** Ids that are accepted though nothing has them any more. */
  stale: string[];
}

const REFUSED: readonly string[] = ['high', 'critical'];

/** The advisories of a report of npm; null: it is none, because the registry could not be asked. */
export function advisoriesOf(report: string): Advisory[] | null {
  const vulnerabilities = fieldOf(parsed(report), 'vulnerabilities');
  if (typeof vulnerabilities !== 'object' || vulnerabilities === null) return null;
  const all = Object.entries(vulnerabilities).flatMap(([name, entry]) => advisoriesVia(name, entry));
  return [...new Map(all.map((one) => [`${one.id} ${one.package}`, one])).values()];
}

/** What fails, what is accepted for now, and what of the list is of no use any more. */
export function judge(
  advisories: readonly Advisory[],
  accepted: Readonly<Record<string, Accepted>>,
  now: Date,
): Judgement {
  const grave = advisories.filter(({ severity }) => REFUSED.includes(severity));
  const acceptedFor = (id: string) => {
    const entry = Object.hasOwn(accepted, id) ? accepted[id] : undefined;
    return entry?.reason && now <= new Date(`${entry.until}T23:59:59Z`) ? entry : null;
  };
  return {
    refused: grave.filter(({ id }) => acceptedFor(id) === null),
    accepted: grave.flatMap((one) => {
      const entry = acceptedFor(one.id);
      return entry ? [{ ...one, ...entry }] : [];
    }),
    stale: Object.keys(accepted).filter((id) => !grave.some((one) => one.id === id)),
  };
}

/** `via` holds advisories, and names of packages whose own entries hold theirs. */
function advisoriesVia(name: string, entry: unknown): Advisory[] {
  const via = fieldOf(entry, 'via');
  const found = (Array.isArray(via) ? via : []).filter((one) => typeof one === 'object');
  return found.map((one) => ({
    id: /GHSA(?:-\w{4}){3}/.exec(textOf(one, 'url'))?.[0] ?? textOf(one, 'source'),
    package: textOf(one, 'name') || name,
    severity: textOf(one, 'severity') || textOf(entry, 'severity'),
    title: textOf(one, 'title'),
  }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function textOf(value: unknown, name: string): string {
  return String(fieldOf(value, name) ?? '');
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined;
}
