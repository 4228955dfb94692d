import { ApiError, NetworkError } from '../../client/src/index.js';
import { t } from '../core/i18n.js';
import { online } from '../core/online.js';

/** The sentence for a person of anything that went wrong. */
export function sentence(error: unknown): string {
  if (error instanceof ApiError) return error.status >= 500 ? t('problem.away') : error.message;
  if (error instanceof NetworkError) return online.value ? t('problem.unreachable') : t('problem.offline');
  return t('problem.unknown');
}

/** What is shown in place of what could not be loaded. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const requestId = error instanceof ApiError ? error.requestId : undefined;
  const away = error instanceof NetworkError || (error instanceof ApiError && error.status >= 500);

  return (
    <div class="note bad stack tight" role="alert">
      <p>{sentence(error)}</p>
      {away && <p class="small">{t('problem.again')}</p>}
      {requestId && (
        <p class="small soft">
          {t('problem.reference')} <code>{requestId}</code>
        </p>
      )}
      {retry && (
        <p>
          <button type="button" class="button" onClick={retry}>
            {t('problem.retry')}
          </button>
        </p>
      )}
    </div>
  );
}
