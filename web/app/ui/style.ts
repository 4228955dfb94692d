import { useLayoutEffect } from 'preact/hooks';

/** Loads the style sheet of a module that only some pages need; it goes before the website's own, which has the last word. */
export function useStyle(address: string): void {
  useLayoutEffect(() => {
    if (document.querySelector(`link[href="${address}"]`)) return;
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: address });
    document.head.querySelector('link[rel="stylesheet"]')?.before(link);
  }, [address]);
}
