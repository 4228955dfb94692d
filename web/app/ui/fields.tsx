import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { t } from '../core/i18n.js';
import { useWrong } from './form.js';

interface Common {
  name: string;
  label: string;
  hint?: string;
  optional?: boolean;
}

/** Label, hint and refusal around one control, tied together for screen readers. */
function Around({ name, label, hint, optional, children }: Common & { children: (ids: Ids) => ComponentChildren }) {
  const id = useId();
  const wrong = useWrong(name);
  const described = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(' ');

  return (
    <div class="field">
      <label for={id}>
        {label} {optional && <span class="soft small">({t('optional')})</span>}
      </label>
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {children({ id, ...(described && { 'aria-describedby': described }), ...(wrong && { 'aria-invalid': true }) })}
      {wrong && (
        <span class="wrong" id={`${id}-wrong`}>
          {wrong}
        </span>
      )}
    </div>
  );
}

interface Ids {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean;
}

interface Input extends Common {
  type?: 'text' | 'email' | 'tel';
  defaultValue?: string;
  autoComplete?: string;
  inputMode?: 'email' | 'tel';
  maxLength?: number;
}

export function Field({ name, label, hint, optional, type = 'text', ...rest }: Input) {
  return (
    <Around name={name} label={label} {...(hint && { hint })} {...(optional && { optional })}>
      {(ids) => <input name={name} required={!optional} {...kind(type)} {...rest} {...ids} />}
    </Around>
  );
}

/** The kind of an input as an attribute; Preact's types want each kind apart. */
const kind = (type: string) => ({ type }) as { type: 'text' };

/** A password that can be looked at. */
export function Password({ name, label, hint, autoComplete }: Input) {
  const [visible, setVisible] = useState(false);
  return (
    <Around name={name} label={label} {...(hint && { hint })}>
      {(ids) => (
        <div class="secret">
          <input name={name} required {...kind(visible ? 'text' : 'password')} {...(autoComplete && { autoComplete })} {...ids} />
          <button type="button" aria-pressed={visible} aria-controls={ids.id} onClick={() => setVisible(!visible)}>
            {visible ? t('hide') : t('show')}
          </button>
        </div>
      )}
    </Around>
  );
}

interface Area extends Common {
  defaultValue?: string;
  maxLength?: number;
}

export function TextArea({ name, label, hint, optional, ...rest }: Area) {
  return (
    <Around name={name} label={label} {...(hint && { hint })} {...(optional && { optional })}>
      {(ids) => <textarea name={name} required={!optional} {...rest} {...ids} />}
    </Around>
  );
}

interface Option {
  value: string;
  label: string;
}

export function Select({ name, label, hint, options, value, optional }: Common & { options: Option[]; value?: string | null }) {
  return (
    <Around name={name} label={label} {...(hint && { hint })} {...(optional && { optional })}>
      {(ids) => (
        <select name={name} defaultValue={value ?? ''} {...ids}>
          {options.map((option) => (
            <option key={option.value} value={option.value} selected={option.value === (value ?? '')}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Around>
  );
}

/** Several of a few words, such as days of the week; or one of them with `single`. */
export function Choices({ name, label, hint, options, chosen, single }: Common & { options: Option[]; chosen?: string[]; single?: boolean }) {
  const wrong = useWrong(name);
  const id = useId();
  return (
    <fieldset class="field" aria-describedby={wrong ? `${id}-wrong` : undefined}>
      <legend>{label}</legend>
      {hint && <span class="hint">{hint}</span>}
      <div class="choices">
        {options.map((option) => (
          <label key={option.value}>
            <input type={single ? 'radio' : 'checkbox'} name={name} value={option.value} defaultChecked={chosen?.includes(option.value) ?? false} />
            {option.label}
          </label>
        ))}
      </div>
      {wrong && (
        <span class="wrong" id={`${id}-wrong`} tabIndex={-1} data-alert>
          {wrong}
        </span>
      )}
    </fieldset>
  );
}
