import { unwrap } from '../../client/src/index.js';
import { me, rest, session } from '../core/api.js';
import { language, type Language, speak, t } from '../core/i18n.js';
import { show, theme, type Theme } from '../core/theme.js';
import { Icon } from './icons.js';

const names: Record<Language, string> = { en: 'English', id: 'Bahasa Indonesia' };

/** Shows everything in the other language; whoever is signed in also gets their mails in it. */
async function change(wanted: Language): Promise<void> {
  await speak(wanted);
  if (!me.value || me.value.language === wanted) return;
  session.update(await unwrap(rest.PATCH('/api/users/me', { body: { language: wanted } })));
}

export function LanguageSwitch() {
  const other: Language = language.value === 'en' ? 'id' : 'en';
  return (
    <button type="button" lang={other} title={names[other]} onClick={() => void change(other).catch(() => undefined)}>
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
