import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../core/i18n.js';

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A question in front of the page, which waits until it is answered; Escape closes it. */
export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <div class="stack">
        <div class="row between">
          <h2 id={id}>{title}</h2>
          <button type="button" class="button quiet" onClick={onClose}>
            {t('close')}
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
