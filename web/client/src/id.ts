/**
 * A name for one attempt of a person to change something: sent again with the same key, the change happens once.
 * Also works on pages without TLS, where crypto.randomUUID is missing.
 */
export function idempotencyKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();

  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
