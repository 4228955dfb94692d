import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { settings } from '../core/settings.js';

/** The heading of a page, which is also the window's title. */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }) {
  useTitle(title);
  return (
    <div class="row between">
      <h1>{title}</h1>
      {children}
    </div>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · ${settings.brand.name}` : settings.brand.name;
  }, [title]);
}
