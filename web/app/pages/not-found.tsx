import { t } from '../core/i18n.js';
import { Heading } from '../ui/page.js';

export function NotFound() {
  return (
    <div class="stack narrow">
      <Heading title={t('notfound.title')} />
      <p class="soft">{t('notfound.text')}</p>
      <p>
        <a class="button primary" href="/">
          {t('notfound.back')}
        </a>
      </p>
    </div>
  );
}
