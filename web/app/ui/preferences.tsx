import { all, rest, type User } from '../core/api.js';
import { t, word } from '../core/i18n.js';
import { useLoad } from '../core/load.js';
import { Choices } from './fields.js';
import { text } from './form.js';

const options = (group: string, values: string[]) => values.map((value) => ({ value, label: word(group, value) }));

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

type Preferences = Pick<User, 'experience_level' | 'learning_goal' | 'preferred_instruments' | 'budget_range' | 'available_days'>;

/** What recommendations are made of; all of it may be left out. */
export function PreferenceFields({ of }: { of?: Preferences }) {
  const courses = useLoad(() => all((cursor) => rest.GET('/api/courses', { params: { query: { limit: 100, ...(cursor && { cursor }) } } })), []);
  const instruments = [...new Set([...(courses.data ?? []).map((course) => course.instrument), ...(of?.preferred_instruments ?? [])])].sort();
  const one = (value: string | null | undefined) => (value ? [value] : []);

  return (
    <>
      {instruments.length > 0 && (
        <Choices key={instruments.length} name="preferred_instruments" label={t('field.instruments')} options={options('instrument', instruments)} chosen={of?.preferred_instruments ?? []} />
      )}
      <Choices single name="experience_level" label={t('field.experience')} options={options('level', ['beginner', 'intermediate', 'advanced'])} chosen={one(of?.experience_level)} />
      <Choices single name="learning_goal" label={t('field.goal')} options={options('goal', ['hobby', 'professional', 'exam_preparation'])} chosen={one(of?.learning_goal)} />
      <Choices single name="budget_range" label={t('field.budget')} options={options('price', ['low', 'medium', 'high'])} chosen={one(of?.budget_range)} />
      <Choices name="available_days" label={t('field.days')} options={options('weekday', weekdays)} chosen={of?.available_days ?? []} />
    </>
  );
}

/** The preferences in a form; what was not chosen is null or empty. */
export function preferencesOf(data: FormData): Preferences {
  return {
    experience_level: (text(data, 'experience_level') ?? null) as Preferences['experience_level'],
    learning_goal: (text(data, 'learning_goal') ?? null) as Preferences['learning_goal'],
    budget_range: (text(data, 'budget_range') ?? null) as Preferences['budget_range'],
    preferred_instruments: data.getAll('preferred_instruments').map(String),
    available_days: data.getAll('available_days').map(String) as Preferences['available_days'],
  };
}
