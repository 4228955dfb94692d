import { computed, signal } from '@preact/signals';

/** Whether the next page is being fetched; the former one stays until it is there. */
export const travelling = signal(false);

/** How many requests of the page have no answer yet. */
const open = signal(0);

/** Whether something is on its way. */
export const busy = computed(() => travelling.value || open.value > 0);

/** Counts a request from when it is sent until its answer. */
export const began = () => {
  open.value = open.peek() + 1;
};
export const ended = () => {
  open.value = open.peek() - 1;
};
