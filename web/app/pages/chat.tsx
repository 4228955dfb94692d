import { t } from '../core/i18n.js';
import { settings } from '../core/settings.js';
import { ownTalk } from '../core/talks.js';
import { Conversation } from '../ui/conversation.js';
import { Bones } from '../ui/loaded.js';
import { Heading } from '../ui/page.js';

/** A student's or teacher's conversation with the school. */
export default function Chat() {
  const label = t('chat.title', { school: settings.brand.name });
  return (
    <div class="stack">
      <Heading title={label} />
      {ownTalk.value ? (
        <section class="card chat" aria-label={label}>
          <Conversation id={ownTalk.value} label={label} />
        </section>
      ) : (
        <Bones heights={[24]} />
      )}
    </div>
  );
}
