import { signal } from '@preact/signals';
import { IntlMessageFormat } from 'intl-messageformat';
import type en from '../i18n/en.js';
import { remember } from './cookie.js';
import { settings } from './settings.js';

export type Language = 'en' | 'id';
export type Key = keyof typeof en;
type Values = Record<string, string | number | Date | boolean | null | undefined>;

/** A component that reads it while drawing is drawn again in the other language. */
export const language = signal<Language>(document.documentElement.lang === 'id' ? 'id' : 'en');

const sentences: Partial<Record<Language, Record<string, string>>> = {};
const compiled = new Map<string, IntlMessageFormat>();

async function load(wanted: Language): Promise<void> {
  if (sentences[wanted]) return;
  const file = (await import(`/${settings.languages[wanted] ?? ''}`)) as { default: Record<string, string> };
  sentences[wanted] = { ...file.default, ...settings.brand.texts?.[wanted] };
}

/** Loads the sentences of the language in which the server wrote the page. */
export const loadLanguage = () => load(language.value);

export async function speak(wanted: Language): Promise<void> {
  await load(wanted);
  document.documentElement.lang = wanted;
  remember('shema_language', wanted);
  language.value = wanted;
}

/** A sentence of the website in the reader's language, an ICU message with its values put in. */
export function t(key: Key, values?: Values): string {
  const text = sentences[language.value]?.[key] ?? key;
  if (!text.includes('{')) return text;

  const name = `${language.value} ${text}`;
  let message = compiled.get(name);
  if (!message) compiled.set(name, (message = new IntlMessageFormat(text, locale())));
  return String(message.format(values));
}

/** A sentence for a word of the API, or the word itself if the website doesn't know it yet. */
export function word(group: string, value: string | null | undefined): string {
  if (!value) return '';
  return sentences[language.value]?.[`${group}.${value}`] ?? value.replaceAll('_', ' ');
}

/** The reader's locale for dates and numbers: their browser's if it is of the language, otherwise the language's own. */
export function locale(): string {
  const home = language.value === 'id' ? 'id-ID' : 'en-GB';
  return navigator.languages.find((known) => known.startsWith(`${language.value}-`)) ?? home;
}
