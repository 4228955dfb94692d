import { unwrap } from '../../client/src/index.js';
import { me, rest, session } from './api.js';
import { language, type Language, speak } from './i18n.js';

let chosen = false;

/** Shows everything in the language that the reader has chosen; who is signed in also gets their mails in it. */
export async function choose(wanted: Language): Promise<void> {
  chosen = true;
  await speak(wanted);
  await agree();
}

/**
 * Brings the website and the account of the person who is signed in to one language, in which notifications are too: to the
 * one that was chosen here, otherwise to the account's.
 */
export async function agree(): Promise<void> {
  const person = me.value;
  if (!person || person.language === language.value) return;
  if (!chosen) return speak(person.language);
  session.update(await unwrap(rest.PATCH('/api/users/me', { body: { language: language.value } })));
}
