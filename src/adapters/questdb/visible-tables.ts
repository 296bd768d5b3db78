import { type DeclaredTable, isDeclaredFor } from '../../foundry/catalog-file.ts';
import type { TenantScope } from '../../ports/query-store.ts';

export interface VisibleTable {
  name: string;
  declaration: DeclaredTable | null;
  tenantColumn: string | null;
}

export interface Visibility {
  visible: VisibleTable[];
  /** The other tables of the server. */
  foreign: string[];
}

/**
 * Which of the server's tables are this tenant's: those named `<namespace>.<table>`, and those the operator declares for it. A namespace
 * holds no dot, so the first dot ends it and `a.t` is never of namespace `a_b`. On a server of the tenant's own every table is.
 */
export function tablesOf(
  tenant: TenantScope,
  names: readonly string[],
  { declared, isOwnServer }: { declared: readonly DeclaredTable[]; isOwnServer: boolean },
): Visibility {
  const declarations = new Map(declared.map((table) => [table.name.toLowerCase(), table]));
  const result: Visibility = { visible: [], foreign: [] };
  for (const name of names) {
    const declaration = declarations.get(name.toLowerCase()) ?? null;
    const namespace = name.slice(0, Math.max(name.indexOf('.'), 0)).toLowerCase();
    const isOwn = isOwnServer || tenant.namespaces.includes(namespace);
    if (isOwn || (declaration && isDeclaredFor(declaration, tenant.tenantId)))
      result.visible.push({ name, declaration, tenantColumn: declaration?.tenantColumn ?? null });
    else result.foreign.push(name);
  }
  return result;
}
