import { signal } from '@preact/signals';
import { t } from '../core/i18n.js';

interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

const shown = signal<Toast[]>([]);
let last = 0;

/** Says in passing that something is done; an action such as undoing it may go with it. */
export function say(text: string, action?: Toast['action']): void {
  const id = ++last;
  shown.value = [...shown.value.slice(-2), { id, text, ...(action && { action }) }];
  setTimeout(() => dismiss(id), action ? 10_000 : 5_000);
}

function dismiss(id: number): void {
  shown.value = shown.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map(({ id, text, action }) => (
        <div class="toast" key={id}>
          <span>{text}</span>
          {action && (
            <button
              type="button"
              onClick={() => {
                action.run();
                dismiss(id);
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" aria-label={t('close')} onClick={() => dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
