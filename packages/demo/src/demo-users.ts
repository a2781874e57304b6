/** Customers of the demo's shop. The last one's orders lack an index. */
export const tenants = Object.freeze(['acme', 'initech', 'globex'] as const);
export type Tenant = (typeof tenants)[number];

const usersPerTenant = 12;

/** Ids of a tenant's users: `acme-01` … */
export function usersOf(tenant: Tenant): readonly string[] {
  return Array.from({ length: usersPerTenant }, (_, i) => `${tenant}-${String(i + 1).padStart(2, '0')}`);
}
