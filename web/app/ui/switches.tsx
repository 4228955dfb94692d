import { language, type Language, t } from '../core/i18n.js';
import { choose } from '../core/language.js';
import { show, theme, type Theme } from '../core/theme.js';
import { Icon } from './icons.js';

const names: Record<Language, string> = { en: 'English', id: 'Bahasa Indonesia' };

export function LanguageSwitch() {
  const other: Language = language.value === 'en' ? 'id' : 'en';
  return (
    <button type="button" lang={other} title={names[other]} onClick={() => void choose(other).catch(() => undefined)}>
      {other.toUpperCase()}
      <span class="unseen"> – {names[other]}</span>
    </button>
  );
}

const next: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

export function ThemeSwitch() {
  const now = t(`theme.${theme.value}`);
  return (
    <button type="button" aria-label={`${t('theme.label')}: ${now}`} title={`${t('theme.label')}: ${now}`} onClick={() => show(next[theme.value])}>
      <Icon name="theme" />
    </button>
  );
}
