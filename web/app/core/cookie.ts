/** Keeps a choice of the reader for a year where the server sees it, so that the next page begins with it. */
export function remember(name: string, value: string): void {
  document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax`;
}
