import type { ComponentChildren } from 'preact';
import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, fieldErrors } from '../../client/src/index.js';
import { t } from '../core/i18n.js';
import { sentence } from './problem.js';

/** Refusals that belong to one field though their code does not name it. */
const fieldOfCode: Record<string, string[]> = {
  AUTH_EMAIL_TAKEN: ['email', 'new_email'],
  AUTH_WEAK_PASSWORD: ['password', 'new_password'],
  AUTH_INVALID_CREDENTIALS: ['current_password'],
};

interface State {
  busy: boolean;
  wrong: Record<string, string>;
}

export const FormContext = createContext<State>({ busy: false, wrong: {} });

/** The sentence for a field; the API names parts of lists as `available_days[2]`. */
export function useWrong(name: string): string | undefined {
  const { wrong } = useContext(FormContext);
  return wrong[name] ?? Object.entries(wrong).find(([field]) => field.startsWith(`${name}[`))?.[1];
}

interface Props {
  /** Sends the form; what it throws is shown beside its field, or above all. */
  onSubmit: (data: FormData) => Promise<unknown>;
  children: ComponentChildren;
  label?: string;
}

/** A form that shows every refusal where it belongs and puts the cursor there. */
export function Form({ onSubmit, children, label }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [general, setGeneral] = useState<string>();

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy || !form.current) return;
    setBusy(true);
    setGeneral(undefined);
    setWrong({});

    try {
      await onSubmit(new FormData(form.current));
    } catch (error) {
      const found = place(error, form.current);
      setWrong(found.fields);
      setGeneral(found.general);
    } finally {
      setBusy(false);
    }
  };

  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-alert]')?.focus();
  }, [wrong, general]);

  return (
    <FormContext.Provider value={{ busy, wrong }}>
      <form ref={form} class="form" noValidate aria-label={label} onSubmit={(event) => void submit(event)}>
        {general && (
          <div class="note bad" role="alert" tabIndex={-1} data-alert>
            {general}
          </div>
        )}
        {children}
      </form>
    </FormContext.Provider>
  );
}

/** Which fields of the form an error speaks of; what speaks of none of them is said above all. */
function place(error: unknown, form: HTMLFormElement): { fields: Record<string, string>; general?: string } {
  const has = (name: string) => form.elements.namedItem(name.replace(/\[.*$/, '')) !== null;
  const named = Object.entries(fieldErrors(error));
  const fields = Object.fromEntries(named.filter(([name]) => has(name)));
  const elsewhere = named.filter(([name]) => !has(name)).map(([name, message]) => `${name}: ${message}`);

  const code = error instanceof ApiError ? error.code : '';
  const field = fieldOfCode[code]?.find(has);
  if (field) fields[field] = field === 'current_password' ? t('problem.password') : sentence(error);

  if (elsewhere.length > 0) return { fields, general: elsewhere.join(' ') };
  return Object.keys(fields).length > 0 ? { fields } : { fields, general: sentence(error) };
}

/** The button that sends the form. */
export function Submit({ children, kind = 'primary', disabled }: { children: ComponentChildren; kind?: string; disabled?: boolean }) {
  const { busy } = useContext(FormContext);
  return (
    <button type="submit" class={`button ${kind}`} aria-busy={busy} aria-disabled={busy || disabled}>
      {children}
    </button>
  );
}

/** What is in a field, as it was typed. */
export function raw(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === 'string' ? value : '';
}

/** The text of a field without spaces around it, or nothing. */
export function text(data: FormData, name: string): string | undefined {
  return raw(data, name).trim() || undefined;
}
