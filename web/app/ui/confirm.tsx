import type { ComponentChildren } from 'preact';
import { t } from '../core/i18n.js';
import { Dialog } from './dialog.js';
import { Form, Submit } from './form.js';

interface Props {
  title: string;
  /** What the button does, such as `Cancel the lesson`. */
  action: string;
  danger?: boolean;
  onConfirm: (data: FormData) => Promise<unknown>;
  onClose: () => void;
  children?: ComponentChildren;
}

/** Asks before something that can't be taken back; fields may be among the children. */
export function Confirm({ title, action, danger, onConfirm, onClose, children }: Props) {
  const confirm = async (data: FormData) => {
    await onConfirm(data);
    onClose();
  };

  return (
    <Dialog title={title} onClose={onClose}>
      <Form onSubmit={confirm} label={title}>
        {children}
        <div class="row">
          <Submit kind={danger ? 'danger' : 'primary'}>{action}</Submit>
          <button type="button" class="button quiet" onClick={onClose}>
            {t('back')}
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
