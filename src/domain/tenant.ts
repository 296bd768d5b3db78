const TENANT_ID = /^[A-Za-z0-9._@|-]{1,128}$/;

/** Whether a text can name a tenant: it goes into logs, names of namespaces and other people's systems. */
export function isTenantId(text: string): boolean {
  return TENANT_ID.test(text);
}
