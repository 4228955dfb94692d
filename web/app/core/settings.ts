/** What the server tells the page; see internal/site/page.go. */
export interface Settings {
  brand: {
    name: string;
    contact: { address?: string; phone?: string; email?: string };
    texts?: Partial<Record<string, Record<string, string>>>;
  };
  logo: string;
  image_sources: string[];
  languages: Record<string, string>;
}

const element = document.getElementById('settings');

export const settings = JSON.parse(element?.textContent ?? '{}') as Settings;

/** The picture's address if the page may load it, otherwise nothing. */
export function allowedImage(url: string | null | undefined): string | undefined {
  if (!url) return undefined;
  const { origin } = new URL(url, location.origin);
  return origin === location.origin || settings.image_sources.includes(origin) ? url : undefined;
}
