import { signal } from '@preact/signals';

/** Whether the next page is being fetched; the former one stays until it is there. */
export const travelling = signal(false);
