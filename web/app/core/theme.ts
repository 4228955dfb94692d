import { signal } from '@preact/signals';
import { remember } from './cookie.js';

export type Theme = 'system' | 'light' | 'dark';

export const theme = signal<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? 'system');

export function show(wanted: Theme): void {
  theme.value = wanted;
  remember('shema_theme', wanted === 'system' ? '' : wanted);
  if (wanted === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
}
