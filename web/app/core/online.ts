import { signal } from '@preact/signals';

/** Whether the device has a network; what it reaches is another question. */
export const online = signal(navigator.onLine);

addEventListener('online', () => (online.value = true));
addEventListener('offline', () => (online.value = false));
